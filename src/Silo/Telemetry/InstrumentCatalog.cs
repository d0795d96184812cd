using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>
/// Every instrument of ours that exists in this process, also those that have measured nothing yet: what a dashboard
/// may ask for.
/// </summary>
internal sealed class InstrumentCatalog : IDisposable
{
    private readonly ConcurrentDictionary<string, (string Type, string Help)> known = new(StringComparer.Ordinal);
    private readonly MeterListener listener = new();

    public InstrumentCatalog()
    {
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (!instrument.Meter.Name.StartsWith("Vault.", StringComparison.Ordinal)) return;
            var type = PrometheusNames.TypeOf(instrument);
            known.TryAdd(
                PrometheusNames.Metric(instrument.Name, instrument.Unit, type == "counter"),
                (type, instrument.Description ?? ""));
        };
        listener.Start();
    }

    /// <summary>Name, type and help of each.</summary>
    public IEnumerable<(string Name, string Type, string Help)> All =>
        known.Select(k => (k.Key, k.Value.Type, k.Value.Help));

    public void Dispose() => listener.Dispose();
}
