using System.Diagnostics.Metrics;
using Vault.Runtime.Activation;
using Vault.Runtime.Messaging.Tcp;

namespace Vault.Runtime.Messaging;

/// <summary>How a call to another process ended, for its caller.</summary>
internal enum CallOutcome
{
    Ok,

    /// <summary>The grain threw, or the answer could not be read.</summary>
    Error,

    /// <summary>No answer came in time.</summary>
    Timeout,

    /// <summary>The connection broke, or the silo left, while it was under way.</summary>
    Unknown,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}

/// <summary>What goes over the network, meter <c>Vault.Runtime</c>.</summary>
/// <remarks>Counting is lock-free and without tags: observable instruments read plain fields.</remarks>
internal sealed class RemoteInstruments
{
    private readonly long[] _outcomes = new long[Enum.GetValues<CallOutcome>().Length];
    private readonly long[] _refusals = new long[Enum.GetValues<HandshakeFailure>().Length];
    private readonly long[] _connections = new long[4];
    private long _redirects;
    private long _resent;
    private long _waits;
    private long _sent;
    private long _received;

    public RemoteInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(RuntimeInstruments.MeterName);
        meter.CreateObservableCounter(
            "vault.runtime.remote.calls", () => Of(_outcomes, "outcome", Enum.GetNames<CallOutcome>()), "{call}",
            "Calls to other processes, by how they ended for their caller.");
        meter.CreateObservableCounter(
            "vault.runtime.redirects", () => Redirects, "{call}",
            "Calls that a silo answered with a view in which the grain isn't its own.");
        meter.CreateObservableCounter(
            "vault.runtime.resent", () => Volatile.Read(ref _resent), "{call}",
            "Calls that could not leave, or certainly had not, and were tried again.");
        meter.CreateObservableCounter(
            "vault.runtime.send.waits", () => Volatile.Read(ref _waits), "{call}",
            "Calls that waited because too much was queued for their silo.");
        meter.CreateObservableCounter(
            "vault.runtime.transport.bytes",
            () => new Measurement<long>[]
            {
                new(Volatile.Read(ref _sent), Tag("direction", "sent")),
                new(Volatile.Read(ref _received), Tag("direction", "received")),
            },
            "By", "Bytes on connections with other processes, TLS not counted.");
        meter.CreateObservableUpDownCounter(
            "vault.runtime.connections", Connections, "{connection}",
            "Connections that are up, by who connected and what the other side is.");
        meter.CreateObservableCounter(
            "vault.runtime.connections.refused",
            () => Of(_refusals, "reason", Enum.GetNames<HandshakeFailure>()), "{connection}",
            "Connections that did not come up, by the reason.");
    }

    /// <summary>Calls that were answered with a view.</summary>
    public long Redirects => Volatile.Read(ref _redirects);

    public void Ended(CallOutcome outcome) => Interlocked.Increment(ref _outcomes[(int)outcome]);

    /// <summary>A call has an outcome that this side decided on.</summary>
    public void Ended(Exception failure) => Ended(failure switch
    {
        TimeoutException => CallOutcome.Timeout,
        OperationCanceledException => CallOutcome.Cancelled,
        _ => CallOutcome.Unknown,
    });

    public void Redirected() => Interlocked.Increment(ref _redirects);

    public void Resent() => Interlocked.Increment(ref _resent);

    public void Waited() => Interlocked.Increment(ref _waits);

    public void Sent(int bytes) => Interlocked.Add(ref _sent, bytes);

    public void Received(long bytes) => Interlocked.Add(ref _received, bytes);

    public void Connected(bool dialled, bool client) => Interlocked.Increment(ref _connections[Kind(dialled, client)]);

    public void Disconnected(bool dialled, bool client) =>
        Interlocked.Decrement(ref _connections[Kind(dialled, client)]);

    public void Refused(HandshakeFailure reason) => Interlocked.Increment(ref _refusals[(int)reason]);

    private static int Kind(bool dialled, bool client) => (dialled ? 2 : 0) + (client ? 1 : 0);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static Measurement<long>[] Of(long[] counts, string label, string[] names) =>
    [
        .. names.Select((name, i) => new Measurement<long>(
            Volatile.Read(ref counts[i]), Tag(label, name.ToLowerInvariant()))),
    ];

    private Measurement<long>[] Connections() =>
    [
        .. Enumerable.Range(0, _connections.Length).Select(kind => new Measurement<long>(
            Volatile.Read(ref _connections[kind]),
            Tag("direction", (kind & 2) != 0 ? "out" : "in"),
            Tag("peer", (kind & 1) != 0 ? "client" : "silo"))),
    ];
}
