using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Vault.Testing;

/// <summary>The real program, started as users start it, on free loopback ports in directories of its own.</summary>
public sealed partial class VaultProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly StringBuilder _log;
    private readonly bool _ownsDirectory;

    private VaultProcess(Process process, StringBuilder log, string directory, bool ownsDirectory, JsonElement ready)
    {
        (_process, _log, Directory, _ownsDirectory) = (process, log, directory, ownsDirectory);
        S3 = new Uri(ready.GetProperty("s3").GetString()!);
        S3Tls = ready.TryGetProperty("s3_tls", out var tls) && tls.GetString() is { } address ? new Uri(address) : null;
        Control = new Uri(ready.GetProperty("control").GetString()!);
        AccessKeyId = ready.GetProperty("access_key_id").GetString()!;
        SecretAccessKey = ready.GetProperty("secret_access_key").GetString()!;
        ProjectId = ready.GetProperty("project_id").GetString()!;
    }

    /// <summary>Holds <c>data</c> and <c>config</c>.</summary>
    public string Directory { get; }

    public string DataDirectory => Path.Combine(Directory, "data");

    public string ConfigDirectory => Path.Combine(Directory, "config");

    public Uri S3 { get; }

    public Uri? S3Tls { get; }

    public Uri Control { get; }

    public string AccessKeyId { get; }

    public string SecretAccessKey { get; }

    public string ProjectId { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything it wrote to standard error so far.</summary>
    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    /// <summary>The program as <c>./vault</c> runs it.</summary>
    public static string Program { get; } = typeof(VaultProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "Program").Value!;

    /// <summary>The operator's macaroon, which the first start wrote.</summary>
    public string AdminToken => File.ReadAllText(System.IO.Directory.GetFiles(
        ConfigDirectory, "admin.macaroon", SearchOption.AllDirectories)[0]).Trim();

    /// <summary>Starts <c>vault up</c> and waits until it is ready.</summary>
    /// <param name="directory">Where an earlier process left its data; null for a fresh temporary directory.</param>
    /// <param name="settings">
    /// Environment, such as <c>Vault__DrainTime</c>; ports are free ones unless they are here.
    /// </param>
    /// <param name="arguments">Further arguments.</param>
    public static async Task<VaultProcess> StartAsync(
        string? directory = null, IReadOnlyDictionary<string, string>? settings = null, params string[] arguments)
    {
        var owns = directory is null;
        directory ??= System.IO.Directory.CreateTempSubdirectory("vault-test-").FullName;
        string[] ports = settings?.ContainsKey("Vault__S3Port") == true
            ? []
            : ["--s3-port", "0", "--control-port", "0"];
        var (process, log) = Launch(directory, settings, ["up", "--json", .. ports, .. arguments]);
        var line = await process.StandardOutput.ReadLineAsync();
        if (line is null || !line.StartsWith('{'))
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"vault did not start (exit {process.ExitCode}): {line} {log}");
        }

        return new VaultProcess(process, log, directory, owns, JsonDocument.Parse(line).RootElement);
    }

    /// <summary>
    /// Starts the program with any arguments, with its directories under <paramref name="directory"/>.
    /// </summary>
    public static (Process Process, StringBuilder Log) Launch(
        string directory, IReadOnlyDictionary<string, string>? settings, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["Vault__DataDirectory"] = Path.Combine(directory, "data");
        start.Environment["Vault__ConfigDirectory"] = Path.Combine(directory, "config");
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var log = new StringBuilder();
        var process = new Process { StartInfo = start };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            lock (log) log.AppendLine(e.Data);
        };
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        return (process, log);
    }

    /// <summary>SIGTERM to a process of <see cref="Launch"/>.</summary>
    public static void Terminate(Process process) => _ = Signal(process.Id, SigTerm);

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = Signal(_process.Id, SigTerm);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGKILL, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        _ = Signal(_process.Id, SigKill);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: nothing of it runs any more.</summary>
    public void Pause() => _ = Signal(_process.Id, SigStop);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public void Resume() => _ = Signal(_process.Id, SigContinue);

    /// <summary>Highest resident memory so far, in bytes.</summary>
    public long PeakResidentBytes() => StatusKilobytes("VmHWM:") * 1024;

    /// <summary>Resets the high-water mark to what is resident now.</summary>
    public void ResetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        if (_ownsDirectory) System.IO.Directory.Delete(Directory, recursive: true);
    }

    private long StatusKilobytes(string field)
    {
        foreach (var line in File.ReadLines($"/proc/{_process.Id}/status"))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(field.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidOperationException($"/proc/{_process.Id}/status has no {field}");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
