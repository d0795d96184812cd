using System.Diagnostics;
using Vault.Load.Client;
using Vault.Load.Workload;
using Vault.Protocol.SigV4;

namespace Vault.Load.Running;

/// <summary>Runs a workload: warm-up, measurements, median.</summary>
internal sealed class LoadRun(LoadSettings settings)
{
    private readonly ErrorLog errors = new();

    /// <summary>Fill and delete end when every key is used; the others run for their time.</summary>
    private bool IsFinite => settings.Operation is Operation.Fill or Operation.Delete;

    public LoadReport Execute()
    {
        var target = settings.Target;
        using var signer = new SigV4Signer(target.AccessKeyId, target.SecretAccessKey, target.Region);
        EnsureBucket(signer);
        var plan = new Plan(settings.Operation, settings.Keys);
        var bodies = new Bodies(settings.Size, settings.Seed, settings.DistinctBodies);
        var workers = new Worker[settings.Connections];
        var threads = new Thread[settings.Connections];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = new Worker(settings, plan, bodies, signer, errors, i);
            threads[i] = new Thread(workers[i].Run, 256 << 10) { IsBackground = true };
        }

        var results = IsFinite ? [MeasureAll(workers, threads)] : MeasureRuns(workers, threads);
        var ordered = results.OrderBy(result => result.OperationsPerSecond).ToArray();
        return new LoadReport { Median = ordered[ordered.Length / 2], Runs = results, Errors = errors.Messages };
    }

    private void EnsureBucket(SigV4Signer signer)
    {
        using var client = new S3Client(settings.Target, signer);
        var reply = client.CreateBucket();
        if (!reply.IsSuccess && !reply.Text.Contains("BucketAlreadyOwnedByYou", StringComparison.Ordinal))
            throw new InvalidOperationException($"The bucket could not be made: HTTP {reply.Status} {reply.Text}");
    }

    private LoadResult MeasureAll(Worker[] workers, Thread[] threads)
    {
        using var watch = new ProcessWatch(settings.ServerProcess);
        var counters = Begin(workers);
        Start(threads);
        Join(threads);
        return Result(watch.Stop(), counters);
    }

    private List<LoadResult> MeasureRuns(Worker[] workers, Thread[] threads)
    {
        Start(threads);
        Wait(threads, settings.WarmUpSeconds);
        var results = new List<LoadResult>();
        for (var run = 0; run < settings.Runs; run++)
        {
            using var watch = new ProcessWatch(settings.ServerProcess);
            var counters = Begin(workers);
            Wait(threads, settings.Seconds);
            var used = watch.Stop();
            foreach (var worker in workers)
                worker.Counters = null;
            results.Add(Result(used, counters));
            if (errors.Count > 0)
                break;
        }

        foreach (var worker in workers)
            worker.Stop();
        Join(threads);
        return results;
    }

    private static Counters[] Begin(Worker[] workers)
    {
        var counters = new Counters[workers.Length];
        for (var i = 0; i < workers.Length; i++)
            workers[i].Counters = counters[i] = new Counters();
        return counters;
    }

    private static void Start(Thread[] threads) => Array.ForEach(threads, thread => thread.Start());

    /// <summary>Lets the workers work; returns early only when all have given up.</summary>
    private static void Wait(Thread[] threads, double seconds)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var thread in threads)
        {
            var left = TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(began);
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private static void Join(Thread[] threads) => Array.ForEach(threads, thread => thread.Join());

    private LoadResult Result(ProcessUse used, Counters[] counters)
    {
        var all = new Counters();
        foreach (var one in counters)
            all.Merge(one);
        var (count, seconds) = (all.Latencies.Count, used.Elapsed.TotalSeconds);
        return new LoadResult
        {
            Operation = settings.Operation.ToString().ToLowerInvariant(),
            Size = settings.Size,
            Connections = settings.Connections,
            Seconds = Math.Round(seconds, 3),
            Operations = count,
            OperationsPerSecond = Math.Round(count / seconds, 1),
            MegabytesPerSecond = Math.Round(all.Bytes / seconds / 1e6, 2),
            P50Microseconds = all.Latencies.Percentile(0.5),
            P90Microseconds = all.Latencies.Percentile(0.9),
            P99Microseconds = all.Latencies.Percentile(0.99),
            P999Microseconds = all.Latencies.Percentile(0.999),
            ClientCores = Math.Round(used.Own.TotalSeconds / seconds, 3),
            ServerCores = used.Server is { } server ? Math.Round(server.TotalSeconds / seconds, 3) : null,
            ServerPeakBytes = used.ServerPeakBytes,
            KeysPerListing = settings.Operation == Operation.List && count > 0
                ? Math.Round((double)all.ListedKeys / count, 1)
                : null,
            Errors = errors.Count,
        };
    }
}
