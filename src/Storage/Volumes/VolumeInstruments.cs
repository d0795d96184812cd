using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Vault.Storage.Volumes;

/// <summary>Instruments of one volume; meter <c>Vault.Storage</c>.</summary>
internal sealed class VolumeInstruments : IDisposable
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
            [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    };

    /// <summary>One span per shard, from its acceptance to its sync; nothing when nobody listens.</summary>
    public static ActivitySource Traces { get; } = new("Vault.Storage");

    private readonly Meter? _owned;
    private readonly Counter<long> _groups, _records, _bytes, _failures, _quarantined, _compacted, _scrubbed, _reads;
    private readonly Counter<long> _rebuilt;
    private readonly Histogram<double> _sync, _group;

    public VolumeInstruments(IMeterFactory? factory, Func<VolumeStats> stats)
    {
        const string Name = "Vault.Storage";
        var meter = factory?.Create(Name) ?? (_owned = new Meter(Name));
        _groups = meter.CreateCounter<long>("vault.storage.groups", "{group}", "Groups of appends made durable.");
        _records = meter.CreateCounter<long>("vault.storage.appends", "{record}", "Records made durable.");
        _bytes = meter.CreateCounter<long>("vault.storage.append.size", "By", "Bytes appended to logs.");
        _failures = meter.CreateCounter<long>("vault.storage.write.failures", "{group}", "Groups that failed.");
        _reads = meter.CreateCounter<long>("vault.storage.reads", "{record}", "Shards read.");
        _quarantined = meter.CreateCounter<long>("vault.storage.quarantined", "{record}", "Records found damaged.");
        _rebuilt = meter.CreateCounter<long>("vault.storage.index.rebuilds", "{index}", "Index files rebuilt.");
        _compacted = meter.CreateCounter<long>("vault.storage.compaction.size", "By", "Bytes freed by compaction.");
        _scrubbed = meter.CreateCounter<long>("vault.storage.scrub.size", "By", "Bytes read and checked by scrub.");
        _sync = meter.CreateHistogram("vault.storage.sync.duration", "s", "Time of one fdatasync.", null, Seconds);
        _group = meter.CreateHistogram(
            "vault.storage.group.duration", "s", "Write and sync of one group.", null, Seconds);
        meter.CreateObservableGauge("vault.storage.logs", () => stats().Logs, "{log}", "Live logs.");
        meter.CreateObservableGauge("vault.storage.size", () => stats().AllocatedBytes, "By", "Bytes of live logs.");
        meter.CreateObservableGauge(
            "vault.storage.dead", () => stats().DeadBytes, "By", "Bytes compaction could free.");
        meter.CreateObservableGauge(
            "vault.storage.free", () => stats().FreeBytes, "By", "Bytes free, reserve included.");
        meter.CreateObservableGauge(
            "vault.storage.writable", () => stats().State == VolumeState.Open ? 1 : 0, "{volume}",
            "1 while shards can be stored.");
    }

    public void Synced(TimeSpan sync, TimeSpan whole, int records, long bytes)
    {
        _sync.Record(sync.TotalSeconds);
        _group.Record(whole.TotalSeconds);
        _groups.Add(1);
        _records.Add(records);
        _bytes.Add(bytes);
    }

    public void WriteFailed() => _failures.Add(1);

    public void Read() => _reads.Add(1);

    public void Quarantined() => _quarantined.Add(1);

    public void IndexRebuilt() => _rebuilt.Add(1);

    public void Compacted(long freed) => _compacted.Add(freed);

    public void Scrubbed(long bytes) => _scrubbed.Add(bytes);

    public void Dispose() => _owned?.Dispose();
}
