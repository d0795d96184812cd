using System.Diagnostics.Metrics;

namespace Vault.Grains.Repair;

/// <summary>How far repair is; the gauges are 0 on silos that do not run it.</summary>
internal sealed class RepairInstruments
{
    private readonly Counter<long> _rebuilt, _bytes, _bodies, _failures;
    private long _pending, _searching, _irreparable;

    public RepairInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("Vault.Grains.Repair");
        _rebuilt = meter.CreateCounter<long>("vault.repair.rebuilt", "{shard}", "Shards made again");
        _bytes = meter.CreateCounter<long>("vault.repair.bytes", "By", "Bytes of shards made again");
        _bodies = meter.CreateCounter<long>("vault.repair.bodies", "{body}", "Bodies found or made whole");
        _failures = meter.CreateCounter<long>(
            "vault.repair.failures", "{attempt}", "Attempts that left a body as it was");
        meter.CreateObservableGauge(
            "vault.repair.pending", () => Volatile.Read(ref _pending), "{body}", "Bodies that wait for repair");
        meter.CreateObservableGauge(
            "vault.repair.searching", () => Volatile.Read(ref _searching), "{volume}",
            "Lost volumes whose bodies are still being searched for");
        meter.CreateObservableGauge(
            "vault.repair.irreparable", () => Volatile.Read(ref _irreparable), "{body}",
            "Bodies of which fewer shards than needed were found at the last attempt");
    }

    public void Rebuilt(int shards, long bytes)
    {
        _rebuilt.Add(shards);
        _bytes.Add(bytes);
    }

    public void Whole() => _bodies.Add(1);

    public void Failed() => _failures.Add(1);

    public void Seen(long pending, long searching, long irreparable)
    {
        Volatile.Write(ref _pending, pending);
        Volatile.Write(ref _searching, searching);
        Volatile.Write(ref _irreparable, irreparable);
    }
}
