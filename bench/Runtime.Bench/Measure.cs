using System.Diagnostics;

namespace Vault.Runtime.Bench;

/// <summary>Makes calls for a while and prints what came of it, one JSON line for each figure.</summary>
internal sealed class Measure(double seconds)
{
    public double Seconds => seconds;

    /// <summary>One caller, one call after the other.</summary>
    public async Task<Figure> OneAsync(string name, Func<Task<long>> call, Figure? limit = null)
    {
        await LoopAsync(TimeSpan.FromSeconds(1), call, null);
        var times = new List<long>(1 << 20);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var calls = await LoopAsync(TimeSpan.FromSeconds(seconds / 2), call, null);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        await LoopAsync(TimeSpan.FromSeconds(seconds / 2), call, times);
        return Figure.Of(name, calls / (seconds / 2), times, allocated / (double)calls).Print(limit);
    }

    /// <summary>Many callers, each with a grain.</summary>
    public async Task<Figure> ManyAsync(
        string name, int callers, Func<int, IBenchGrain> make, Func<IBenchGrain, Task<long>> call,
        Figure? limit = null)
    {
        await RunAsync(TimeSpan.FromSeconds(1), null);
        List<long>[]? times = limit is null
            ? null
            : [.. Enumerable.Range(0, callers).Select(_ => new List<long>(1 << 16))];
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var calls = await RunAsync(TimeSpan.FromSeconds(seconds), times);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var all = times?.SelectMany(t => t).ToList() ?? [];
        return Figure.Of(name, calls / seconds, all, allocated / (double)calls).Print(limit);

        async Task<long> RunAsync(TimeSpan time, List<long>[]? into) =>
            (await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() =>
            {
                var grain = make(i);
                return LoopAsync(time, () => call(grain), into?[i]);
            })))).Sum();
    }

    private static async Task<long> LoopAsync(TimeSpan time, Func<Task<long>> call, List<long>? times)
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
}
