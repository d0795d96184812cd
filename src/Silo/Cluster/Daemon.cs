using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Processes that outlive the command that starts them.</summary>
internal static partial class Daemon
{
    /// <summary>After the shell's own words: the log, then the command.</summary>
    private const string Launcher = "log=$1; shift; exec setsid \"$@\" </dev/null >>\"$log\" 2>&1";

    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartedField = 19;

    /// <summary>Starts a process in a session of its own, its output at the end of a file.</summary>
    public static void Start(ClusterProcess process, string log)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        string[] inside = process.Namespace is { } name ? ["nsenter", $"--net=/run/netns/{name}", "--"] : [];
        foreach (var argument in (string[])["-c", Launcher, "sh", log, .. inside, .. process.Command])
            start.ArgumentList.Add(argument);
        foreach (var (variable, value) in process.Environment) start.Environment[variable] = value;
        using var started = Process.Start(start) ?? throw new SetupException($"cannot start {process.Name}");
        process.Pid = started.Id;
        process.StartedAt = Stat(started.Id) is { } stat ? Number(stat, StartedField) : 0;
    }

    /// <summary>Whether it runs; one that is stopped by a signal does, one that nobody has reaped does not.</summary>
    public static bool IsAlive(ClusterProcess process) => Find(process) is not null;

    /// <summary><c>running</c> or <c>paused</c>; null when it has ended.</summary>
    public static string? StateOf(ClusterProcess process)
    {
        if (Find(process) is null) return null;
        return Worker(process) is { } worker && Stat(worker)?[StateField] == "T" ? "paused" : "running";
    }

    /// <summary>
    /// The process that does the work: the supervisor's child, or the process itself; null when it has ended.
    /// </summary>
    public static int? Worker(ClusterProcess process)
    {
        if (Find(process) is null) return null;
        if (!process.IsVault) return process.Pid;
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Stat(pid) is { } stat && Number(stat, ParentField) == process.Pid && stat[StateField] != "Z")
                return pid;
        }

        return null;
    }

    /// <summary>To a process that was seen just now.</summary>
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    /// <summary>Not to another one that has its number since it ended.</summary>
    public static void Send(ClusterProcess process, Signal signal)
    {
        if (Find(process) is not null) Send(process.Pid, signal);
    }

    /// <summary>Waits until it has ended; false when that takes longer than given.</summary>
    public static Task<bool> EndedAsync(
        ClusterProcess process, TimeSpan limit, CancellationToken cancellationToken) =>
        FalseAsync(() => IsAlive(process), limit, cancellationToken);

    /// <summary>Waits until nothing runs under a number any more.</summary>
    public static Task<bool> EndedAsync(int pid, TimeSpan limit, CancellationToken cancellationToken) =>
        FalseAsync(() => Stat(pid) is { } stat && stat[StateField] is not ("Z" or "X"), limit, cancellationToken);

    private static async Task<bool> FalseAsync(
        Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (condition())
        {
            if (clock.Elapsed > limit) return false;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>Its <see cref="Stat"/> while it runs.</summary>
    private static string[]? Find(ClusterProcess process) =>
        process.Pid > 0 && Stat(process.Pid) is { } stat && stat[StateField] is not ("Z" or "X")
            && Number(stat, StartedField) == process.StartedAt
            ? stat
            : null;

    private static long Number(string[] stat, int field) => long.Parse(stat[field], CultureInfo.InvariantCulture);

    /// <summary>The fields of <c>/proc/PID/stat</c> after the name.</summary>
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>Signals, by their numbers on Linux.</summary>
internal enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
