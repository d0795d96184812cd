using System.Diagnostics;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Lets faults happen one after the other in an order that the seed decides, until each kind has happened often enough.
/// </summary>
internal sealed class FaultRun(KillTarget target, KillHistory history, int seed, ITestOutputHelper output)
{
    /// <summary>Between two faults: mostly short, so that the second meets what the first left behind.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(seed);

    /// <param name="perKind">How often each kind happens.</param>
    /// <param name="quiet">Every so many faults a pause follows that is long enough for a quiet stretch.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RunAsync(int perKind, int quiet, CancellationToken ct)
    {
        var faults = Schedule(perKind);
        for (var i = 0; i < faults.Count; i++)
        {
            await Task.Delay(
                i % quiet == 0 ? TimeSpan.FromSeconds(14) : Gap * 2 * _random.NextDouble(), ct);
            var began = KillHistory.Now;
            var hold = TimeSpan.FromSeconds(faults[i].Kind switch
            {
                FaultKind.Pause => 4.5 + 2 * _random.NextDouble(),
                FaultKind.Partition => 1 + 6 * _random.NextDouble(),
                _ => 1.5 * _random.NextDouble(),
            });
            output.WriteLine(
                $"{Stopwatch.GetElapsedTime(history.Began).TotalSeconds:F3} s: {faults[i].Kind} {faults[i].Victim}");
            await target.StrikeAsync(faults[i], hold, ct);
            history.Faults.Enqueue(new(faults[i].Kind, faults[i].Victim, began, KillHistory.Now));
        }
    }

    /// <summary>All kinds equally often, each kind's victims in turn, the whole shuffled.</summary>
    private List<Fault> Schedule(int perKind)
    {
        var faults = new List<Fault>();
        foreach (var kind in target.Faults.GroupBy(f => f.Kind))
        {
            var victims = kind.ToArray();
            for (var i = 0; i < perKind; i++) faults.Add(victims[i % victims.Length]);
        }

        for (var i = faults.Count - 1; i > 0; i--)
        {
            var other = _random.Next(i + 1);
            (faults[i], faults[other]) = (faults[other], faults[i]);
        }

        return faults;
    }
}
