using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;
using Vault.Runtime.Bench;

// Answers: how fast are grain calls inside one process, what do they allocate, and what does a message to another silo
// cost? One JSON line for each figure. `--seconds N` measures longer.
var seconds = args is ["--seconds", var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 3;

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.UseOrleans(silo => silo.UseLocalhostClustering());
using (var host = builder.Build())
{
    await host.StartAsync();
    var grains = host.Services.GetRequiredService<IGrainFactory>();
    var grain = grains.GetGrain<IBenchGrain>(0);
    await One("local, one caller, Task<long>", () => grain.AddAsync(1));
    await One("local, one caller, ValueTask<long>", () => grain.AddValueAsync(1).AsTask());
    await One("local, one caller, reference made for each call", () => grains.GetGrain<IBenchGrain>(0).AddAsync(1));
    await One("local, one caller, grain awaits", () => grain.AddLaterAsync(1));
    await Many("local, 64 callers, 64 grains", 64, i => grains.GetGrain<IBenchGrain>(i), g => g.AddAsync(1));
    await Many("local, 64 callers, one grain", 64, _ => grain, g => g.AddAsync(1));
    await Many(
        "local, 64 callers, 64 grains, grains await", 64, i => grains.GetGrain<IBenchGrain>(i),
        g => g.AddLaterAsync(1));
    await host.StopAsync();
}

await using (var cluster = new InProcessTestClusterBuilder(2).Build())
{
    await cluster.DeployAsync();
    var grain = cluster.Client.GetGrain<IBenchGrain>(0);
    await One("message, one caller", () => grain.AddAsync(1));
    await Many("message, 64 callers, 64 grains", 64, i => cluster.Client.GetGrain<IBenchGrain>(i), g => g.AddAsync(1));
}

async Task One(string name, Func<Task<long>> call)
{
    await LoopAsync(TimeSpan.FromSeconds(1), call, null);
    var times = new List<long>(1 << 20);
    var allocated = GC.GetTotalAllocatedBytes(precise: true);
    var calls = await LoopAsync(TimeSpan.FromSeconds(seconds / 2), call, null);
    allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
    await LoopAsync(TimeSpan.FromSeconds(seconds / 2), call, times);
    times.Sort();
    Print(name, calls / (seconds / 2), Microseconds(times, 0.5), Microseconds(times, 0.99), allocated / (double)calls);
}

async Task Many(string name, int callers, Func<int, IBenchGrain> make, Func<IBenchGrain, Task<long>> call)
{
    await RunAsync(TimeSpan.FromSeconds(1));
    var allocated = GC.GetTotalAllocatedBytes(precise: true);
    var calls = await RunAsync(TimeSpan.FromSeconds(seconds));
    allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
    Print(name, calls / seconds, null, null, allocated / (double)calls);

    async Task<long> RunAsync(TimeSpan time) =>
        (await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() =>
        {
            var grain = make(i);
            return LoopAsync(time, () => call(grain), null);
        })))).Sum();
}

static async Task<long> LoopAsync(TimeSpan time, Func<Task<long>> call, List<long>? times)
{
    var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
    var calls = 0L;
    while (true)
    {
        var now = Stopwatch.GetTimestamp();
        if (now >= end)
        {
            return calls;
        }

        if (times is null)
        {
            for (var i = 0; i < 32; i++)
            {
                await call();
            }

            calls += 32;
        }
        else
        {
            await call();
            times.Add(Stopwatch.GetTimestamp() - now);
            calls++;
        }

        if ((calls & 0x3ff) == 0)
        {
            await Task.Yield(); // callers that never wait take turns
        }
    }
}

static double Microseconds(List<long> times, double share) =>
    times[(int)((times.Count - 1) * share)] * 1e6 / Stopwatch.Frequency;

static void Print(string name, double rate, double? p50, double? p99, double bytes) =>
    Console.WriteLine(JsonSerializer.Serialize(new
    {
        bench = "runtime",
        name,
        calls_per_second = Math.Round(rate),
        p50_us = p50 is { } a ? Math.Round(a, 2) : (double?)null,
        p99_us = p99 is { } b ? Math.Round(b, 2) : (double?)null,
        bytes_per_call = Math.Round(bytes, 1),
    }));
