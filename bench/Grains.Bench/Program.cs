using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Grains;
using Vault.Grains.Bench;
using Vault.Sql;

// Answers: how many index commits and combined reads per second do the grains give over the embedded database, without
// any gateway, and how far is a listing from the bare query for the same keys? One JSON line for each figure.
// Arguments: name=value of keys, seconds, callers, postgres (a connection string).
var settings = args.Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]);
int Setting(string name, int otherwise) =>
    settings.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

var (keys, seconds, callers) = (Setting("keys", 100_000), Setting("seconds", 5), Setting("callers", 32));
var directory = Directory.CreateTempSubdirectory("vault-grains-bench-").FullName;
var builder = Host.CreateEmptyApplicationBuilder(null);
await using var database = settings.TryGetValue("postgres", out var server)
    ? await Database.OpenPostgresAsync(new() { ConnectionString = server }, TimeProvider.System)
    : await Database.OpenSqliteAsync(new() { Path = Path.Combine(directory, "vault.db") }, TimeProvider.System);
await database.MigrateAsync([GrainServices.Migrations]);
builder.Services.AddSingleton(_ => database).AddSingleton(TimeProvider.System).AddGrains();
builder.UseOrleans(silo => silo.UseLocalhostClustering());
using var host = builder.Build();
await host.StartAsync();
var store = await Store.CreateAsync(host.Services.GetRequiredService<IGrainFactory>());
try
{
    await FillAsync();
    await MeasureAsync("put 4 KiB, half of them overwrites", i => store.PutAsync(Random.Shared.Next(2 * keys)));
    await MeasureAsync("get 4 KiB", i => store.ReadAsync(Random.Shared.Next(keys), withBody: true));
    await MeasureAsync("read the head, then put 4 KiB", async i =>
    {
        var key = Random.Shared.Next(2 * keys);
        await store.ReadAsync(key, withBody: false);
        await store.PutAsync(key);
    });
    await ListAsync("list 1000", default, keys);
    await ListAsync("list 1000, delimiter, ten groups", "/"u8.ToArray(), keys);
    await ListAsync("list 1000, delimiter, a group for each key", "#"u8.ToArray(), keys);
    await host.StopAsync();
}
finally
{
    await database.DisposeAsync();
    Directory.Delete(directory, recursive: true);
}

async Task FillAsync() => await Parallel.ForEachAsync(
    Enumerable.Range(0, keys), new ParallelOptions { MaxDegreeOfParallelism = 256 },
    async (i, _) => await store.PutAsync(i));

async Task MeasureAsync(string name, Func<int, Task> operation)
{
    await RunAsync(TimeSpan.FromSeconds(1));
    using var process = Process.GetCurrentProcess();
    var (cpu, writer, allocated) = (process.TotalProcessorTime, WriterNanoseconds(), GC.GetTotalAllocatedBytes());
    var (count, latencies) = await RunAsync(TimeSpan.FromSeconds(seconds));
    process.Refresh();
    latencies.Sort();
    Print(new
    {
        name, callers, per_second = count / seconds, p50_us = Math.Round(latencies[latencies.Count / 2], 1),
        p99_us = Math.Round(latencies[(int)(latencies.Count * 0.99)], 1),
        cpu_us = Math.Round((process.TotalProcessorTime - cpu).TotalMicroseconds / count, 2),
        writer_us = Math.Round((WriterNanoseconds() - writer) / 1000.0 / count, 2),
        bytes = (GC.GetTotalAllocatedBytes() - allocated) / count,
    });

    async Task<(long Count, List<double> Latencies)> RunAsync(TimeSpan time)
    {
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var mine = new List<double>(1 << 16);
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
            {
                var started = Stopwatch.GetTimestamp();
                await operation(caller);
                mine.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            return mine;
        })));
        var latencies = all.SelectMany(mine => mine).ToList();
        return (latencies.Count, latencies);
    }
}

// Time on the processor of the embedded database's writer, from the scheduler's statistics.
static long WriterNanoseconds() => Directory.EnumerateDirectories("/proc/self/task")
    .Where(task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith("vault-sql-write", StringComparison.Ordinal))
    .Sum(task => long.Parse(
        File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture));

async Task ListAsync(string name, ReadOnlyMemory<byte> delimiter, int count)
{
    var page = await store.ListAsync(delimiter);
    // Bare: the same rows in one range, or, where groups are passed over, one seek for each group.
    Func<Task> query = page.CommonPrefixes.Length == 10
        ? () => database.QueryEachAsync(store.Bare, store.Groups(page))
        : () => database.QueryAsync(store.Bare, new Seek(store.BucketId, default, 1000));
    var bare = await MedianAsync(query);
    var grain = await MedianAsync(() => store.ListAsync(delimiter));
    Print(new
    {
        name, keys = count, entries = page.Entries.Length, groups = page.CommonPrefixes.Length,
        us = Math.Round(grain, 1), bare_us = Math.Round(bare, 1), ratio = Math.Round(grain / bare, 2),
    });
}

static async Task<double> MedianAsync(Func<Task> operation)
{
    var times = new List<double>();
    for (var i = 0; i < 400; i++)
    {
        var started = Stopwatch.GetTimestamp();
        await operation();
        times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
    }

    times.Sort();
    return times[times.Count / 2];
}

static void Print(object figure) => Console.WriteLine(JsonSerializer.Serialize(figure));
