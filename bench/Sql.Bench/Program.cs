using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Vault.Sql;
using Vault.Sql.Bench;

// Question: how many grouped index commits and point reads per second does the embedded database give?
// Arguments: name=value of keys, seconds, page, map (MiB), checkpoint (MiB), postgres (a connection string).
var settings = args.Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]);
int Setting(string name, int otherwise)
    => settings.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

var keys = Setting("keys", 200_000);
var duration = TimeSpan.FromSeconds(Setting("seconds", 5));
var directory = Directory.CreateTempSubdirectory("vault-sql-bench-").FullName;
var payload = RandomNumberGenerator.GetBytes(4096 + 16 + 12);
try
{
    await using var database = settings.TryGetValue("postgres", out var server)
        ? await Database.OpenPostgresAsync(new() { ConnectionString = server }, TimeProvider.System)
        : await Database.OpenSqliteAsync(
            new()
            {
                Path = Path.Combine(directory, "vault.db"),
                PageBytes = Setting("page", 4096),
                CheckpointBytes = (long)Setting("checkpoint", 96) << 20,
                WriterCacheBytes = (long)Setting("cache", 8) << 20,
            },
            TimeProvider.System);
    await database.MigrateAsync([typeof(IndexTable).Assembly]);
    var fences = database.Begin();
    fences.Execute(IndexTable.AddFence, "grain");
    await fences.CommitAsync();

    var filled = Stopwatch.StartNew();
    for (var from = 0; from < keys; from += 1000)
    {
        var fill = database.Begin();
        for (var i = from; i < Math.Min(keys, from + 1000); i++)
        {
            var put = Put.Create(i, payload);
            fill.Execute(IndexTable.PutHead, put);
            fill.Execute(IndexTable.PutBody, put);
        }

        await fill.CommitAsync();
    }

    Console.WriteLine($"{database.Kind}: {keys} keys filled in {filled.Elapsed.TotalSeconds:F1} s");

    var only = settings.GetValueOrDefault("only", "");
    foreach (var callers in (int[])[1, 32])
    {
        await MeasureAsync(
            "small", $"commits, small, {callers} callers", callers, random => CommitAsync(random, body: false));
        await MeasureAsync(
            "put", $"commits, PUT 4 KiB, {callers} callers", callers, random => CommitAsync(random, body: true));
        await MeasureAsync("read", $"reads, head, {callers} callers", callers,
            async random => (await database.QueryAsync(IndexTable.GetHead, IndexTable.Key(random.Next(keys)))).Count);
        await MeasureAsync("read", $"reads, GET 4 KiB, {callers} callers", callers,
            async random => (await database.QueryAsync(IndexTable.GetBody, IndexTable.Key(random.Next(keys)))).Count);
        await MeasureAsync("read", $"reads, head, batches of 16, {callers} callers", callers,
            random => ReadEachAsync(IndexTable.GetHead, random));
        await MeasureAsync("read", $"reads, GET 4 KiB, batches of 16, {callers} callers", callers,
            random => ReadEachAsync(IndexTable.GetBody, random));
    }

    await MeasureAsync("mixed", "mixed half PUT half GET 4 KiB, 32 callers", 32, async random => random.Next(2) == 0
        ? await CommitAsync(random, body: true)
        : (await database.QueryAsync(IndexTable.GetBody, IndexTable.Key(random.Next(keys)))).Count);

    async Task<int> CommitAsync(Random random, bool body)
    {
        var put = Put.Create(random.Next(keys), payload);
        var transaction = database.Begin();
        transaction.Check(IndexTable.Fence, ("grain", 1));
        if (body)
        {
            transaction.Execute(IndexTable.DeleteOldBody, put);
            transaction.Execute(IndexTable.PutBody, put);
        }

        transaction.Execute(IndexTable.PutHead, put);
        await transaction.CommitAsync();
        return 1;
    }

    async Task<int> ReadEachAsync<TRow>(SqlQuery<byte[], TRow> query, Random random)
        where TRow : class
    {
        var wanted = new byte[16][];
        for (var i = 0; i < wanted.Length; i++)
        {
            wanted[i] = IndexTable.Key(random.Next(keys));
        }

        return (await database.QueryEachAsync(query, wanted)).Length;
    }

    // Time on the processor of the writer's thread, from the scheduler's statistics.
    static double WriterNanoseconds() => Directory.EnumerateDirectories("/proc/self/task")
        .Where(task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith(
            "vault-sql-write", StringComparison.Ordinal))
        .Sum(task => double.Parse(
            File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture));

    async Task MeasureAsync(string kind, string name, int callers, Func<Random, Task<int>> operation)
    {
        if (only != "" && only != kind)
        {
            return;
        }

        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var writerCpu = WriterNanoseconds();
        var allocated = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        var done = 0L;
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            var times = new List<long>();
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var began = Stopwatch.GetTimestamp();
                var count = await operation(random);
                Interlocked.Add(ref done, count);
                times.Add(Stopwatch.GetTimestamp() - began);
            }

            return times;
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        var all = latencies.SelectMany(t => t).Order().ToArray();
        double Percentile(double p) => all[(int)((all.Length - 1) * p)] * 1e6 / Stopwatch.Frequency;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-48} {done / seconds,10:N0}/s  p50 {Percentile(.5),7:F0} us  p99 {Percentile(.99),7:F0} us  max "
            + $"{Percentile(1) / 1000,6:F1} ms  cpu {(process.TotalProcessorTime - cpu).TotalMicroseconds / done,6:F1} "
            + $"us/op  writer {(WriterNanoseconds() - writerCpu) / 1000.0 / done,6:F1} us/op  alloc "
            + $"{(GC.GetTotalAllocatedBytes() - allocated) / done,6} B/op"));
    }
}
finally
{
    Directory.Delete(directory, recursive: true);
}
