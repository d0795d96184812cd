using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Vault.Events.Bus;

/// <summary>
/// Tells this process, and others over its transports, that there is something to read. Publishing never waits and
/// never fails; what a subscriber makes of a wake-up is to read by number, so a lost one costs time, never truth.
/// </summary>
/// <remarks>decisions: wake-ups without payload, coalesced, outside of data transactions. docs/spec/events.md</remarks>
public sealed class EventBus : IAsyncDisposable
{
    private readonly ImmutableArray<EventLink> links;
    private readonly EventInstruments instruments;
    private readonly TimeProvider time;
    private readonly long[] highest = new long[EventChannels.All.Count];
    private readonly Lock subscribing = new();
    private ImmutableArray<EventSubscription> subscriptions = [];

    public EventBus(
        IEnumerable<IEventTransport> transports, EventScope scope, EventInstruments instruments, TimeProvider time,
        ILoggerFactory loggers)
    {
        (this.instruments, this.time, IsAlone) = (instruments, time, scope.Alone);
        links = [.. transports.Select(
            transport => new EventLink(transport, this, instruments, time, loggers.CreateLogger<EventLink>()))];
    }

    /// <summary>True when no other process can have anything to say: then subscribers need not poll.</summary>
    public bool IsAlone { get; }

    /// <summary>Says that a channel's rows have reached a number. Call it after the commit.</summary>
    public void Publish(EventChannel channel, long number)
    {
        instruments.Published(channel);
        Wake(channel, number);
        foreach (var link in links) link.Post(channel, number);
    }

    /// <summary>Begins to listen; dispose it to end.</summary>
    /// <param name="channel">Where.</param>
    /// <param name="poll">
    /// Longest time without being woken, since wake-ups may be lost; null: for ever. A process that is alone never
    /// polls.
    /// </param>
    /// <param name="capacity">Wake-ups that may wait; more are dropped and reported as a gap.</param>
    public EventSubscription Subscribe(
        EventChannel channel, TimeSpan? poll = null, int capacity = EventSubscription.DefaultCapacity)
    {
        var subscription = new EventSubscription(this, channel, IsAlone ? null : poll, capacity, time, instruments);
        lock (subscribing) subscriptions = subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Sends and listens until told to stop.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(links.Select(link => link.RunAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var link in links) await link.DisposeAsync();
    }

    internal void Remove(EventSubscription subscription)
    {
        lock (subscribing) subscriptions = subscriptions.Remove(subscription);
    }

    /// <summary>Wakes subscribers, once for each number however many ways it came.</summary>
    internal void Wake(EventChannel channel, long number)
    {
        ref var seen = ref highest[(int)channel];
        while (true)
        {
            var known = Volatile.Read(ref seen);
            if (number <= known) return;
            if (Interlocked.CompareExchange(ref seen, number, known) == known) break;
        }

        foreach (var subscription in subscriptions)
        {
            if (subscription.Channel == channel) subscription.Add(number);
        }
    }

    /// <summary>
    /// Wake-ups may have been lost. Numbers begin anew, because what was away may have come back older.
    /// </summary>
    internal void ReportGap()
    {
        Array.Clear(highest);
        instruments.Gap("reconnect");
        foreach (var subscription in subscriptions) subscription.ReportGap();
    }
}
