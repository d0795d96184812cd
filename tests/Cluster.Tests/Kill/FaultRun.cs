using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Lets faults happen, up to two at a time that befall different parts of the system, in an order that the seed
/// decides, until each kind has happened often enough. How long things last is counted in requests that came to an end
/// meanwhile.
/// </summary>
internal sealed class FaultRun(KillTarget target, KillHistory history, int seed, ITestOutputHelper output)
{
    /// <summary>After each so many waves comes a stretch that is quiet for some time.</summary>
    private const int WavesBetweenQuiet = 5;

    private const int QuietRequests = 600;

    private readonly Random _random = new(seed);

    /// <param name="perKind">How often each kind happens.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RunAsync(int perKind, CancellationToken ct)
    {
        var waves = Waves(perKind);
        for (var i = 0; i < waves.Count; i++)
        {
            // Mostly short, so that one wave meets what the last one left behind.
            var quiet = i % WavesBetweenQuiet == 0;
            await history.EndedAsync(
                quiet ? QuietRequests : _random.Next(1, 200),
                KillHistory.Now + (quiet ? SuccessRates.Aftermath : 0),
                ct);
            await Task.WhenAll(waves[i].Select(fault => StrikeAsync(
                fault, other: _random.Next(2) == 0, requests: _random.Next(1, 200), ct)).ToList());
        }
    }

    private async Task StrikeAsync(Fault fault, bool other, int requests, CancellationToken ct)
    {
        var began = KillHistory.Now;
        output.WriteLine(
            $"{Stopwatch.GetElapsedTime(history.Began).TotalSeconds:F3} s: {fault.Kind} {fault.Victim}"
            + (other ? ", the other way" : ""));
        await target.StrikeAsync(fault, other, () => history.EndedAsync(requests, 0, ct), ct);
        history.Faults.Enqueue(new(fault.Kind, fault.Victim, began, KillHistory.Now));
    }

    /// <summary>
    /// All kinds equally often, each kind's victims in turn from one that the seed chooses, the whole shuffled; then
    /// each with the next one that befalls another part.
    /// </summary>
    private List<List<Fault>> Waves(int perKind)
    {
        var faults = new List<Fault>();
        foreach (var kind in target.Faults.GroupBy(f => f.Kind))
        {
            var victims = kind.ToArray();
            var first = _random.Next(victims.Length);
            for (var i = 0; i < perKind; i++) faults.Add(victims[(first + i) % victims.Length]);
        }

        _random.Shuffle(CollectionsMarshal.AsSpan(faults));
        var left = new LinkedList<Fault>(faults);
        var waves = new List<List<Fault>>();
        while (left.First is { } fault)
        {
            left.RemoveFirst();
            var wave = new List<Fault> { fault.Value };
            var with = left.FirstOrDefault(f => f.Part != fault.Value.Part && f.Kind != fault.Value.Kind);
            if (with is not null && left.Remove(with)) wave.Add(with);
            waves.Add(wave);
        }

        return waves;
    }
}
