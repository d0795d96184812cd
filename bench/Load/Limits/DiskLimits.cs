using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Vault.Load.Limits;

/// <summary>What one file takes when it is synced after every append.</summary>
internal sealed record DiskLimits
{
    private const int LargeBytes = 4 << 20;
    private const long FileBytes = 512L << 20;

    /// <summary>Appends of 4 KiB a second, each followed by a sync.</summary>
    public required double SyncedAppendsPerSecond { get; init; }

    /// <summary>Bytes a second in appends of 4 MiB, each followed by a sync.</summary>
    public required double BytesPerSecond { get; init; }

    public static DiskLimits Measure(string directory, double seconds) => new()
    {
        SyncedAppendsPerSecond = Append(directory, 4096, seconds) / 4096,
        BytesPerSecond = Append(directory, LargeBytes, seconds),
    };

    /// <summary>Writes and syncs a preallocated file from its beginning, as a log does; bytes per second.</summary>
    private static double Append(string directory, int size, double seconds)
    {
        var path = Path.Combine(directory, $"vault-load-{Environment.ProcessId}.tmp");
        var block = new byte[size];
        new Random(2).NextBytes(block);
        using var file = File.OpenHandle(
            path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose, FileBytes);
        long bytes = 0;
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            RandomAccess.Write(file, block, bytes % FileBytes);
            Sync(file);
            bytes += size;
        }

        return bytes / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void Sync(SafeFileHandle file)
    {
        if (NativeMethods.DataSync(file) != 0)
            throw new IOException("fdatasync failed.");
    }
}
