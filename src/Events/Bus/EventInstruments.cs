using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vault.Events.Bus;

/// <summary>What the bus does, meter <c>Vault.Events</c>.</summary>
public sealed class EventInstruments
{
    private readonly Counter<long> published;
    private readonly Counter<long> sent;
    private readonly Counter<long> sendFailures;
    private readonly Counter<long> coalesced;
    private readonly Counter<long> received;
    private readonly Counter<long> dropped;
    private readonly Counter<long> gaps;
    private readonly Counter<long> missed;
    private readonly Histogram<double> lag;
    private readonly ConcurrentDictionary<string, int> listening = new(StringComparer.Ordinal);

    public EventInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("Vault.Events");
        published = meter.CreateCounter<long>("vault.events.published", "{event}", "Wake-ups made by this process");
        sent = meter.CreateCounter<long>("vault.events.sent", "{event}", "Wake-ups sent to other processes");
        sendFailures = meter.CreateCounter<long>(
            "vault.events.send_failures", "{event}", "Sends that failed; polling makes them good");
        coalesced = meter.CreateCounter<long>(
            "vault.events.coalesced", "{event}", "Wake-ups that another one took along");
        received = meter.CreateCounter<long>("vault.events.received", "{event}", "Wake-ups from other processes");
        dropped = meter.CreateCounter<long>(
            "vault.events.dropped", "{event}", "Wake-ups dropped because a subscriber's queue was full");
        gaps = meter.CreateCounter<long>("vault.events.gaps", "{gap}", "Gaps reported to subscribers, by cause");
        missed = meter.CreateCounter<long>(
            "vault.events.missed", "{poll}", "Polls that found what no wake-up had announced");
        lag = meter.CreateHistogram<double>(
            "vault.events.lag", "s", "Age of an event, by the database's clock, when this process had read it",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
            });
        meter.CreateObservableGauge(
            "vault.events.listening",
            () => listening.Select(l => new Measurement<int>(l.Value, Tag("transport", l.Key))),
            "{connection}", "1 while wake-ups of other processes are heard");
    }

    /// <summary>A subscriber has read an event.</summary>
    public void Read(EventChannel channel, TimeSpan age) => lag.Record(age.TotalSeconds, Tag(channel));

    /// <summary>A poll found news.</summary>
    public void Missed(EventChannel channel) => missed.Add(1, Tag(channel));

    internal void Published(EventChannel channel) => published.Add(1, Tag(channel));

    internal void Sent(string transport, int count) => sent.Add(count, Tag("transport", transport));

    internal void SendFailed(string transport) => sendFailures.Add(1, Tag("transport", transport));

    internal void Coalesced(string transport) => coalesced.Add(1, Tag("transport", transport));

    internal void Received(string transport) => received.Add(1, Tag("transport", transport));

    internal void Dropped(int count) => dropped.Add(count);

    internal void Gap(string cause) => gaps.Add(1, Tag("cause", cause));

    internal void Listening(string transport, bool now) => listening[transport] = now ? 1 : 0;

    private static KeyValuePair<string, object?> Tag(EventChannel channel) => Tag("channel", channel.Name());

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
