using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Storage.Volumes;

namespace Vault.Storage.Bench;

/// <summary>
/// Time from nothing to open with many 8 KiB shards and an active log that was never sealed, with a cold page cache
/// when the run may drop it (root).
/// </summary>
internal static class StartBench
{
    public static async Task RunAsync(Report report, string root, int objects)
    {
        var options = new VolumeOptions { Path = Path.Combine(root, "volume") };
        var volume = await Volume.OpenAsync(options, null, TimeProvider.System, NullLoggerFactory.Instance);
        var filling = Stopwatch.StartNew();
        await ReadBench.FillAsync(volume, objects, 8 << 10);
        report.Line("fill 8 KiB", ("per_s", objects / filling.Elapsed.TotalSeconds));

        // What a SIGKILL leaves: a copy of the directory taken while the volume is open, its active log unsealed.
        var killed = options.Path + ".killed";
        Directory.CreateDirectory(killed);
        foreach (var file in Directory.GetFiles(options.Path)
            .Where(file => !file.EndsWith("LOCK", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(killed, Path.GetFileName(file)));
        await volume.DisposeAsync();
        Directory.Delete(options.Path, recursive: true);

        options.Path = killed;
        foreach (var cold in (bool[])[true, false])
        {
            if (cold && !await DropCacheAsync())
                continue;
            var clock = Stopwatch.StartNew();
            volume = await Volume.OpenAsync(options, null, TimeProvider.System, NullLoggerFactory.Instance);
            report.Line(
                cold ? "open, cold cache" : "open, after a clean stop", ("seconds", clock.Elapsed.TotalSeconds),
                ("logs", volume.GetStats().Logs), ("replayed", volume.Recovery.ReplayedRecords),
                ("memory_mib", volume.GetStats().MemoryBytes / 1048576.0));
            await volume.DisposeAsync();
        }
    }

    private static async Task<bool> DropCacheAsync()
    {
        try
        {
            await Process.Start("sync").WaitForExitAsync();
            await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3");
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
