using System.Diagnostics.Metrics;

namespace Vault.Grains.Reclaim;

/// <summary>What the passes deleted.</summary>
internal sealed class ReclaimInstruments
{
    private readonly Counter<long> _manifests;
    private readonly Counter<long> _shards;
    private readonly Counter<long> _orphans;
    private readonly Counter<long> _uploads;

    public ReclaimInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("Vault.Grains.Reclaim");
        _manifests = meter.CreateCounter<long>(
            "vault.reclaim.manifests", "{manifest}", "Dead manifests deleted with their shards");
        _shards = meter.CreateCounter<long>(
            "vault.reclaim.shards", "{shard}", "Shards deleted because their object is dead");
        _orphans = meter.CreateCounter<long>(
            "vault.reclaim.orphans", "{shard}", "Shards deleted because no manifest names them");
        _uploads = meter.CreateCounter<long>(
            "vault.reclaim.uploads", "{upload}", "Uploads aborted because of their age");
    }

    public void Passed(long manifests, long shards, long orphans, long uploads)
    {
        _manifests.Add(manifests);
        _shards.Add(shards);
        _orphans.Add(orphans);
        _uploads.Add(uploads);
    }
}
