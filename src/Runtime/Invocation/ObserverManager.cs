using System.Collections;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Utilities;

/// <summary>Holds observers that subscribed, until they fail or have not subscribed again for a while.</summary>
/// <typeparam name="TObserver">The observers' interface.</typeparam>
/// <param name="expiration">How long a subscription lasts.</param>
/// <param name="log">Takes what fails.</param>
public class ObserverManager<TObserver>(
    TimeSpan expiration, ILogger log) : ObserverManager<IAddressable, TObserver>(expiration, log);

/// <summary>Holds observers that subscribed, until they fail or have not subscribed again for a while.</summary>
/// <typeparam name="TIdentity">What tells observers apart.</typeparam>
/// <typeparam name="TObserver">The observers' interface.</typeparam>
/// <param name="expiration">How long a subscription lasts.</param>
/// <param name="log">Takes what fails.</param>
public partial class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) : IEnumerable<TObserver>
    where TIdentity : notnull
{
    private readonly ConcurrentDictionary<TIdentity, (TObserver Observer, DateTime LastSeen)> _observers = new();

    /// <summary>How long a subscription lasts.</summary>
    public TimeSpan ExpirationDuration { get; set; } = expiration;

    /// <summary>The clock, UTC.</summary>
    public Func<DateTime> GetDateTime { get; set; } = static () => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>How many there are.</summary>
    public int Count => _observers.Count;

    /// <summary>The observers.</summary>
    public IReadOnlyDictionary<TIdentity, TObserver> Observers =>
        _observers.ToDictionary(entry => entry.Key, entry => entry.Value.Observer);

    /// <summary>Removes all.</summary>
    public void Clear() => _observers.Clear();

    /// <summary>Adds an observer, or renews its subscription.</summary>
    public void Subscribe(TIdentity id, TObserver observer) => _observers[id] = (observer, GetDateTime());

    /// <summary>Removes an observer.</summary>
    public void Unsubscribe(TIdentity id) => _observers.TryRemove(id, out _);

    /// <summary>Calls every observer that the predicate takes; those that fail are removed.</summary>
    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Current(predicate))
        {
            try
            {
                await notification(observer);
            }
            catch (Exception exception)
            {
                Drop(id, exception);
            }
        }
    }

    /// <summary>Calls every observer that the predicate takes; those that fail are removed.</summary>
    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Current(predicate))
        {
            try
            {
                notification(observer);
            }
            catch (Exception exception)
            {
                Drop(id, exception);
            }
        }
    }

    /// <summary>Removes those whose subscription has ended.</summary>
    public void ClearExpired()
    {
        var now = GetDateTime();
        foreach (var (id, entry) in _observers)
        {
            if (entry.LastSeen + ExpirationDuration < now)
            {
                _observers.TryRemove(id, out _);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerator<TObserver> GetEnumerator() => _observers.Values.Select(entry => entry.Observer).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    [LoggerMessage(EventId = 1105, Level = LogLevel.Debug, Message = "An observer failed and was removed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private List<(TIdentity Id, TObserver Observer)> Current(Func<TObserver, bool>? predicate)
    {
        ClearExpired();
        return
        [
            .. _observers.Where(entry => predicate?.Invoke(entry.Value.Observer) ?? true)
                .Select(entry => (entry.Key, entry.Value.Observer)),
        ];
    }

    private void Drop(TIdentity id, Exception exception)
    {
        LogFailed(log, exception);
        _observers.TryRemove(id, out _);
    }
}
