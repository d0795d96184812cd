namespace Vault.Events.Bus;

/// <summary>Carries wake-ups between processes. They may be lost, doubled or late; numbers tell.</summary>
public interface IEventTransport : IAsyncDisposable
{
    /// <summary>What metrics call it.</summary>
    string Name { get; }

    /// <summary>
    /// Sends the newest number of each channel, over one connection of its own that is never in a data transaction.
    /// One call at a time; throws when it cannot.
    /// </summary>
    Task SendAsync(IReadOnlyList<WakeUp> news, CancellationToken cancellationToken);

    /// <summary>
    /// Listens until the connection is lost (throws) or <paramref name="cancellationToken"/> ends it.
    /// </summary>
    /// <param name="listening">Called when nothing sent from now on is missed.</param>
    /// <param name="received">Called for each wake-up; never blocks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task ListenAsync(
        Action listening, Action<EventChannel, long> received, CancellationToken cancellationToken);
}
