using System.Diagnostics.Metrics;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>The engine's instruments, meter <c>Vault.Runtime</c>.</summary>
/// <remarks>Counting is lock-free and without tags on the hot path: observable counters read plain fields.</remarks>
internal sealed class RuntimeInstruments
{
    public const string MeterName = "Vault.Runtime";
    private readonly UpDownCounter<long> _activations;
    private readonly Histogram<double> _queueTime;
    private long _succeeded;
    private long _failed;

    public RuntimeInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _activations = meter.CreateUpDownCounter<long>(
            "vault.runtime.activations", "{activation}", "Live activations, by grain type.");
        _queueTime = meter.CreateHistogram<double>(
            "vault.runtime.queue.time",
            "s",
            "Time that calls waited for their activation; calls that start at once are not counted.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10],
            });
        meter.CreateObservableCounter(
            "vault.runtime.calls",
            () => new Measurement<long>[]
            {
                new(Volatile.Read(ref _succeeded), new KeyValuePair<string, object?>("outcome", "ok")),
                new(Volatile.Read(ref _failed), new KeyValuePair<string, object?>("outcome", "error")),
            },
            "{call}",
            "Calls that ended on an activation of this silo.");
    }

    public bool MeasuresQueueTime => _queueTime.Enabled;

    public void Activated(GrainClass grainClass) => _activations.Add(1, Tag(grainClass));

    public void Deactivated(GrainClass grainClass) => _activations.Add(-1, Tag(grainClass));

    public void CallServed(GrainRequest request)
    {
        if (request.Error is null)
        {
            Interlocked.Increment(ref _succeeded);
        }
        else
        {
            Interlocked.Increment(ref _failed);
        }
    }

    public void Queued(TimeSpan time) => _queueTime.Record(time.TotalSeconds);

    private static KeyValuePair<string, object?> Tag(GrainClass grainClass) =>
        new("grain_type", grainClass.GrainType.ToString());
}
