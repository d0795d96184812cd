using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Bench;

/// <summary>Durable appends per second, volume against plain file, in turns so that both meet the same disk.</summary>
internal static class AppendBench
{
    public static async Task RunAsync(
        Report report, string root, TimeSpan time, int rounds, int[] sizes, int[] counts)
    {
        foreach (var bytes in sizes)
        {
            foreach (var appenders in counts)
                await CompareAsync(report, root, bytes, appenders, time, rounds);
        }
    }

    private static async Task CompareAsync(
        Report report, string root, int bytes, int appenders, TimeSpan time, int rounds)
    {
        var options = new VolumeOptions { Path = Path.Combine(root, "volume") };
        var files = new CountingFiles();
        var volume = await Volume.OpenAsync(options, files, TimeProvider.System, NullLoggerFactory.Instance);
        using var plain = new PlainFile(Path.Combine(root, "plain"), files);
        var toVolume = Enumerable.Range(0, appenders).Select(_ => VolumeAppender(volume, bytes)).ToArray();
        var toPlain = Enumerable.Range(0, appenders).Select(_ => PlainAppender(plain, bytes)).ToArray();
        List<double> ratios = [];
        List<Rate> volumes = [], plains = [];
        for (var round = -1; round < rounds; round++)
        {
            var (ofPlain, ofVolume) =
                (await MeasureAsync(toPlain, files, time), await MeasureAsync(toVolume, files, time));
            if (round < 0)
                continue; // the first round warms up
            plains.Add(ofPlain);
            volumes.Add(ofVolume);
            ratios.Add(ofVolume.PerSecond / ofPlain.PerSecond);
        }

        await volume.DisposeAsync();
        Directory.Delete(options.Path, recursive: true);
        report.Line(
            $"append {bytes >> 10} KiB x {appenders}",
            ("volume_per_s", Median(volumes, rate => rate.PerSecond)),
            ("plain_per_s", Median(plains, rate => rate.PerSecond)),
            ("ratio", ratios.Order().ElementAt(ratios.Count / 2)),
            ("volume_group", Median(volumes, rate => rate.Group)), ("plain_group", Median(plains, rate => rate.Group)),
            ("volume_mib_per_s", Median(volumes, rate => rate.PerSecond) * bytes / (1 << 20)),
            ("volume_cpu_us", Median(volumes, rate => rate.CpuMicroseconds)),
            ("plain_cpu_us", Median(plains, rate => rate.CpuMicroseconds)),
            ("allocated_per_append", Median(volumes, rate => rate.Allocated)));
    }

    private static Func<ValueTask> PlainAppender(PlainFile file, int bytes)
    {
        var waiter = new PlainFile.Waiter();
        var body = RandomNumberGenerator.GetBytes(bytes);
        return async () => await file.AppendAsync(waiter, body);
    }

    private static Func<ValueTask> VolumeAppender(Volume volume, int bytes)
    {
        var body = RandomNumberGenerator.GetBytes(bytes);
        var id = RandomNumberGenerator.GetBytes(Cid.Size);
        var number = 0L;
        return async () =>
        {
            BitConverter.TryWriteBytes(id, ++number); // a new CID each time; hashing is the chunk writer's work
            await volume.AppendAsync(new ShardHeader(Cid.FromBytes(id), default, 0, 0), body);
        };
    }

    /// <summary>Every appender runs until the time is over, one append after the other.</summary>
    private static async Task<Rate> MeasureAsync(Func<ValueTask>[] appenders, CountingFiles files, TimeSpan time)
    {
        var syncs = files.Syncs;
        var (clock, cpu, allocated) =
            (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        var counts = await Task.WhenAll(appenders.Select(async append =>
        {
            await Task.Yield();
            long count = 0;
            while (clock.Elapsed < time)
            {
                await append();
                count++;
            }

            return count;
        }));
        double done = counts.Sum();
        return new Rate(
            done / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / done,
            (GC.GetTotalAllocatedBytes() - allocated) / done, done / (files.Syncs - syncs));
    }

    private static double Median(List<Rate> values, Func<Rate, double> figure) =>
        values.Select(figure).Order().ElementAt(values.Count / 2);

    private readonly record struct Rate(double PerSecond, double CpuMicroseconds, double Allocated, double Group);
}
