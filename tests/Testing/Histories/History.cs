using System.Diagnostics.CodeAnalysis;

namespace Vault.Testing.Histories;

/// <summary>
/// What clients asked and learned, in the order in which this process saw it. Operations may be recorded by many
/// threads: call before the request is sent, answer after the response has come.
/// </summary>
public sealed class History
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Operation>> _keys = new(StringComparer.Ordinal);
    private readonly List<Listing> _listings = [];
    private long _clock;

    /// <summary>Operations so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _keys.Values.Sum(operations => operations.Count);
            }
        }
    }

    /// <summary>Keys so far, in order.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A client writes a value; each write of a key has a value of its own.</summary>
    public Operation Put(string key, string value, string by = "") => Call(key, OperationKind.Put, value, by);

    /// <summary>A client writes a value where nothing is.</summary>
    public Operation Create(string key, string value, string by = "") => Call(key, OperationKind.Create, value, by);

    /// <summary>A client deletes.</summary>
    public Operation Delete(string key, string by = "") => Call(key, OperationKind.Delete, null, by);

    /// <summary>A client reads.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "the operation's name")]
    public Operation Get(string key, string by = "") => Call(key, OperationKind.Get, null, by);

    /// <summary>A client lists.</summary>
    public Listing List(string by = "")
    {
        lock (_gate)
        {
            var listing = new Listing(this, by, Now());
            _listings.Add(listing);
            return listing;
        }
    }

    /// <summary>
    /// Whether, key by key, some order of the operations explains every answer: null if so, else what does not fit.
    /// </summary>
    public Violation? Check()
    {
        lock (_gate)
        {
            foreach (var listing in _listings)
            {
                if (listing.Strangers(_keys).FirstOrDefault() is { } stranger)
                {
                    return new Violation(stranger, [], $"{stranger} was listed, and nobody ever wrote it");
                }
            }

            foreach (var (key, recorded) in _keys.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                if (RegisterCheck.Find(key, WithListings(key, recorded)) is { } violation)
                {
                    return violation;
                }
            }
        }

        return null;
    }

    internal long Now() => Interlocked.Increment(ref _clock);

    private List<Operation> WithListings(string key, List<Operation> recorded)
    {
        if (_listings.Count == 0)
        {
            return recorded;
        }

        var firstWrite = recorded.Where(o => o.Writes).Select(o => o.Called).DefaultIfEmpty(long.MaxValue).Min();
        return [.. recorded, .. _listings.Select(l => l.Of(key, firstWrite)).OfType<Operation>()];
    }

    private Operation Call(string key, OperationKind kind, string? value, string by)
    {
        lock (_gate)
        {
            var operation = new Operation(this, key, kind, value, by, Now());
            if (!_keys.TryGetValue(key, out var operations))
            {
                _keys.Add(key, operations = []);
            }

            operations.Add(operation);
            return operation;
        }
    }
}
