using System.Diagnostics.Metrics;

namespace Vault.Storage.Shards;

/// <summary>Shards between processes; meter <c>Vault.Storage.Shards</c>.</summary>
internal sealed class ShardInstruments
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Histogram<double> _calls, _served;
    private readonly Counter<long> _refused, _hedges, _aroundBad, _absent, _handshakes;

    public ShardInstruments(IMeterFactory meters, Func<NodeMap> map)
    {
        var meter = meters.Create("Vault.Storage.Shards");
        _calls = meter.CreateHistogram(
            "vault.shards.call.duration", "s", "Calls to other nodes by operation and outcome.", null, Seconds);
        _served = meter.CreateHistogram(
            "vault.shards.serve.duration", "s", "Calls answered here by operation and status.", null, Seconds);
        _refused = meter.CreateCounter<long>(
            "vault.shards.refused", "{request}", "Requests without a valid signature, or repeated.");
        _handshakes = meter.CreateCounter<long>("vault.shards.handshakes", "{session}", "Sessions opened here.");
        _hedges = meter.CreateCounter<long>(
            "vault.shards.hedges", "{read}", "Second reads because the first was slow.");
        _aroundBad = meter.CreateCounter<long>(
            "vault.shards.around", "{shard}", "Reads served around a shard that was missing, damaged or away.");
        _absent = meter.CreateCounter<long>(
            "vault.shards.absent", "{shard}", "Shards that a write went on without; repair makes them.");
        meter.CreateObservableGauge(
            "vault.shards.nodes", () => map().Nodes.Count(HasVolume), "{node}",
            "Nodes with a volume that is not lost.");
        meter.CreateObservableGauge(
            "vault.shards.nodes.up", () => map().Nodes.Count(static n => n.Up && HasVolume(n)), "{node}",
            "Nodes with a volume that is not lost which send heartbeats.");
    }

    public void Called(string operation, string outcome, TimeSpan took) =>
        _calls.Record(took.TotalSeconds, new("operation", operation), new("outcome", outcome));

    public void Served(string operation, int status, TimeSpan took) =>
        _served.Record(took.TotalSeconds, new("operation", operation), new("status", status));

    public void Refused() => _refused.Add(1);

    public void Opened() => _handshakes.Add(1);

    public void Hedged() => _hedges.Add(1);

    public void WentAround(string why) => _aroundBad.Add(1, new KeyValuePair<string, object?>("reason", why));

    public void WentWithout(int shards) => _absent.Add(shards);

    /// <summary>The others are rows that were left behind by a disk that was replaced, or by a node that went.</summary>
    private static bool HasVolume(ShardNode node) => node.Volumes.Any(static volume => !volume.Lost);
}
