using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Vault.Events.Tests.Support;

/// <summary>What the counters of one process say, as it happens: something to wait for.</summary>
internal sealed class Measured : IDisposable
{
    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private TaskCompletionSource<string> next = New();

    /// <param name="services">The process.</param>
    /// <param name="meter">The meter to listen to.</param>
    /// <param name="matters">Which counts: <c>instrument tag=value</c>.</param>
    public Measured(IServiceProvider services, string meter, Func<string, bool> matters)
    {
        var heard = services.GetRequiredService<IMeterFactory>().Create(meter);
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, heard)) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            var what = instrument.Name;
            foreach (var (key, value) in tags) what += $" {key}={value}";
            if (!matters(what)) return;
            lock (gate)
            {
                next.SetResult(what);
                next = New();
            }
        });
        listener.Start();
    }

    /// <summary>How sends of wake-ups end: <see cref="IsSent"/> or not.</summary>
    public static Measured Sends(IServiceProvider services) =>
        new(services, "Vault.Events", static what => what.StartsWith("vault.events.sen", StringComparison.Ordinal));

    /// <summary>Whether this counts wake-ups that were sent.</summary>
    public static bool IsSent(string what) => what.StartsWith("vault.events.sent ", StringComparison.Ordinal);

    /// <summary>What is counted next from now on.</summary>
    public Task<string> NextAsync(CancellationToken ct)
    {
        lock (gate) return next.Task.WaitAsync(ct);
    }

    public void Dispose() => listener.Dispose();

    private static TaskCompletionSource<string> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
