using System.Diagnostics.Metrics;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>Counts activations of one kind that met a newer one's fence, in all silos of this process.</summary>
internal sealed class FenceConflicts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _seen = new(0);

    public FenceConflicts(string grain)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "vault.grains.fence_conflicts") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (count > 0 && tag.Key == "grain" && (string?)tag.Value == grain) _seen.Release();
            }
        });
        _listener.Start();
    }

    /// <summary>Forgets what was seen.</summary>
    public void Forget()
    {
        while (_seen.Wait(0))
        {
        }
    }

    /// <summary>Waits for the next.</summary>
    public Task NextAsync() => _seen.WaitAsync();

    public void Dispose()
    {
        _listener.Dispose();
        _seen.Dispose();
    }
}
