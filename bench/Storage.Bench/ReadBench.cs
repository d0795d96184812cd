using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Bench;

/// <summary>Reads of 8 KiB shards from the page cache into the caller's buffer, and what they allocate.</summary>
internal static class ReadBench
{
    private const int Bytes = 8 << 10;

    public static async Task RunAsync(Report report, string root, int objects)
    {
        objects = Math.Min(objects, 200_000);
        var options = new VolumeOptions { Path = Path.Combine(root, "volume") };
        await using var volume = await Volume.OpenAsync(options, null, TimeProvider.System, NullLoggerFactory.Instance);
        var stored = await FillAsync(volume, objects, Bytes);
        foreach (var readers in (int[])[1, 2])
        {
            await MeasureAsync(report, $"read 8 KiB x {readers}", readers, volume, stored, hint: false);
            await MeasureAsync(report, $"read 8 KiB x {readers}, sequence known", readers, volume, stored, hint: true);
        }

        await volume.DisposeAsync();
        Directory.Delete(options.Path, recursive: true);
    }

    public static async Task<(Cid Cid, ulong Sequence)[]> FillAsync(Volume volume, int objects, int bytes)
    {
        var stored = new (Cid, ulong)[objects];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            await Task.Yield();
            var body = RandomNumberGenerator.GetBytes(bytes);
            while (Interlocked.Increment(ref next) is var i && i < objects)
            {
                BitConverter.TryWriteBytes(body, i);
                var cid = Cid.Compute(body);
                stored[i] = (cid, (await volume.AppendAsync(new ShardHeader(cid, default, 0, 0), body)).Sequence);
            }
        }));
        return stored;
    }

    private static async Task MeasureAsync(
        Report report, string name, int readers, Volume volume, (Cid Cid, ulong Sequence)[] stored, bool hint)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, readers).Select(async i =>
        {
            await Task.Yield();
            var random = new Random(i);
            var buffer = new byte[Bytes];
            var count = 0L;
            for (; clock.ElapsedMilliseconds < 3000; count++)
            {
                var (cid, sequence) = stored[random.Next(stored.Length)];
                if (await volume.ReadAsync(cid, buffer, hint ? sequence : 0) != Bytes)
                    throw new InvalidOperationException("A stored shard was not found.");
            }

            return count;
        }));
        var total = counts.Sum();
        report.Line(
            name, ("per_s", total / clock.Elapsed.TotalSeconds),
            ("allocated_per_read", (GC.GetTotalAllocatedBytes() - allocated) / (double)total));
    }
}
