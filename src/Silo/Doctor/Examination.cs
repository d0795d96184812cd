using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Vault.Client.Keys;
using Vault.Silo.Keys;
using Vault.Silo.Serve;
using Vault.Sql;

namespace Vault.Silo.Doctor;

/// <summary>The checks of <c>vault doctor</c>. They change nothing but a probe file that is removed again.</summary>
internal static class Examination
{
    private const long ComfortableBytes = 4L << 30;
    private const long NeededBytes = 1L << 30;

    public static async IAsyncEnumerable<Finding> RunAsync(
        ServeOptions options, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Clock(time);
        var roles = options.RoleSet;
        if ((roles & (Roles.Silo | Roles.Node)) != 0)
        {
            yield return Disk(options);
            yield return Sync(options, time);
        }

        var running = RunningProcess.On(options.DataDirectory);
        if (options.IsAlone()) yield return Keys(options, running is not null);
        else if ((roles & (Roles.S3 | Roles.Control)) != 0) yield return ClusterKeysOf(options);
        yield return running is null
            ? new Finding("process", Verdict.Ok, "nothing serves this data directory now")
            : await running.ExamineAsync(cancellationToken);
        if (running is null)
        {
            foreach (var (use, _, flag, port) in Listeners.PortsOf(options))
                yield return Port($"{Subject(use)} port", options.Address, port, flag);
        }

        if (roles.HasFlag(Roles.Silo))
            yield return await DatabaseAsync(options, time, running is not null, cancellationToken);
        await foreach (var finding in ClusterChecks.RunAsync(options, time, cancellationToken)) yield return finding;
    }

    private static string Subject(PortUse use) => use switch
    {
        PortUse.S3 => "S3",
        PortUse.S3Tls => "S3 TLS",
        _ => use.ToString().ToLowerInvariant(),
    };

    private static Finding ClusterKeysOf(ServeOptions options)
    {
        try
        {
            ClusterKeysFile.LoadNamed(options.ClusterKeysFile!).Dispose();
            return new Finding("keys", Verdict.Ok, $"the cluster's keys are in {options.ClusterKeysFile}");
        }
        catch (Exception e) when (e is SetupException or KeysExposedException or IOException)
        {
            return new Finding("keys", Verdict.Fail, e.Message);
        }
    }

    private static Finding Clock(TimeProvider time) => time.GetUtcNow().Year is >= 2025 and < 2100
        ? new Finding("clock", Verdict.Ok, $"{time.GetUtcNow():u}")
        : new Finding(
            "clock", Verdict.Fail, $"the clock says {time.GetUtcNow():u}",
            "set it: signed requests more than 15 minutes away from this clock are refused");

    private static Finding Disk(ServeOptions options)
    {
        var free = new DriveInfo(Existing(options.DataDirectory)).AvailableFreeSpace;
        var message = $"{free >> 20} MiB free under {options.DataDirectory}";
        return free switch
        {
            < NeededBytes => new Finding(
                "disk", Verdict.Fail, message,
                "make room or name another directory with --data: two logs and 256 MiB are kept in reserve"),
            < ComfortableBytes =>
                new Finding("disk", Verdict.Warn, message, "writing stops with 503 when only the reserve is left"),
            _ => new Finding("disk", Verdict.Ok, message),
        };
    }

    private static Finding Sync(ServeOptions options, TimeProvider time)
    {
        if (File.Exists(options.DataDirectory))
        {
            return new Finding(
                "sync", Verdict.Fail, $"'{options.DataDirectory}' is a file", "name a directory with --data");
        }

        var path = Path.Combine(Existing(options.DataDirectory), $".vault-doctor-{Environment.ProcessId}");
        try
        {
            using var file = new FileStream(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            var started = time.GetTimestamp();
            for (var i = 0; i < 16; i++)
            {
                file.Write(new byte[4096]);
                file.Flush(flushToDisk: true);
            }

            var each = time.GetElapsedTime(started) / 16;
            return each < TimeSpan.FromMicroseconds(20)
                ? new Finding(
                    "sync", Verdict.Warn, $"a sync takes {each.TotalMicroseconds:F0} µs",
                    "that is memory, not a disk: data here does not survive a power cut")
                : new Finding("sync", Verdict.Ok, $"a sync takes {each.TotalMilliseconds:F2} ms");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding("sync", Verdict.Fail, e.Message, "name a directory you may write to with --data");
        }
    }

    private static Finding Keys(ServeOptions options, bool running)
    {
        var data = Path.GetFullPath(options.DataDirectory) + Path.DirectorySeparatorChar;
        if ((Path.GetFullPath(options.ConfigDirectory) + Path.DirectorySeparatorChar)
            .StartsWith(data, StringComparison.Ordinal))
        {
            return new Finding(
                "keys", Verdict.Fail, "the key directory lies inside the data directory",
                "move it: a copy of the data must not carry its keys");
        }

        try
        {
            if (DataDirectory.ReadClusterId(data) is not { } cluster)
            {
                return new Finding(
                    "keys", Verdict.Ok, $"keys are made in {options.ConfigDirectory} at the first start");
            }

            using var keys = ClusterKeysFile.Load(options.ConfigDirectory, cluster);
            if (keys is null && DataDirectory.HoldsVolume(data))
            {
                if (running)
                {
                    return new Finding(
                        "keys", Verdict.Warn,
                        $"the running process has its keys elsewhere than in {options.ConfigDirectory}",
                        "name their directory with --keys to have them examined");
                }

                var missing = ClusterKeysFile.Missing(ClusterKeysFile.PathOf(options.ConfigDirectory, cluster));
                return new Finding("keys", Verdict.Fail, missing.What, missing.Remedy);
            }

            return new Finding(
                "keys", Verdict.Ok, keys is null
                    ? $"keys are made in {options.ConfigDirectory} at the first start"
                    : $"keys are in {options.ConfigDirectory}; back them up apart from the data");
        }
        catch (Exception e) when (e is SetupException or KeysExposedException)
        {
            return new Finding("keys", Verdict.Fail, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding("keys", Verdict.Fail, e.Message, "name a directory you may read with --keys");
        }
    }

    private static Finding Port(string subject, string address, int port, string flag)
    {
        if (port == 0) return new Finding(subject, Verdict.Ok, "any free port");
        using var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            return new Finding(subject, Verdict.Ok, $"{address}:{port} is free");
        }
        catch (SocketException e)
        {
            return new Finding(
                subject, Verdict.Fail, $"{address}:{port} cannot be used: {e.Message}",
                $"stop what listens there, or choose another with {flag}; a store that runs there is examined when "
                + "--data names its directory");
        }
    }

    private static async Task<Finding> DatabaseAsync(
        ServeOptions options, TimeProvider time, bool running, CancellationToken cancellationToken)
    {
        var file = DataDirectory.DatabasePathOf(options.DataDirectory);
        if (options.StateBackend == "file" && (running || !File.Exists(file)))
        {
            return new Finding(
                "database", Verdict.Ok,
                running ? "embedded, in use by the running process" : "embedded, made at the first start");
        }

        try
        {
            await using var database = await Databases.OpenAsync(options, time, null, cancellationToken);
            return new Finding("database", Verdict.Ok, $"{database.Kind} answers");
        }
        catch (SqlException e)
        {
            return new Finding(
                "database", Verdict.Fail, e.Message,
                options.StateBackend == "file" ? "restore the data directory" : "check DATABASE_URL and the server");
        }
    }

    private static string Existing(string path)
    {
        var directory = Path.GetFullPath(path);
        while (!Directory.Exists(directory)) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
