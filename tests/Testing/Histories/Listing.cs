namespace Vault.Testing.Histories;

/// <summary>
/// One listing: of each key it covers it says that something was there between call and answer, or that nothing was.
/// Keys are judged one by one, as S3 promises no more.
/// </summary>
public sealed class Listing
{
    private readonly History _history;
    private readonly long _called;
    private readonly string _by;
    private long _answered;
    private Dictionary<string, string?>? _found;
    private Func<string, bool>? _covers;

    internal Listing(History history, string by, long called) => (_history, _by, _called) = (history, by, called);

    /// <summary>The listing was answered; one that is not says nothing.</summary>
    /// <param name="found">Keys, each with its value when the listing tells, else null.</param>
    /// <param name="covers">Which keys would be in it if they were there.</param>
    public void Returned(IEnumerable<KeyValuePair<string, string?>> found, Func<string, bool> covers)
    {
        _found = new Dictionary<string, string?>(found, StringComparer.Ordinal);
        _covers = covers;
        _answered = _history.Now();
    }

    /// <summary>Keys it found that nobody ever wrote.</summary>
    internal IEnumerable<string> Strangers(IReadOnlyDictionary<string, List<Operation>> known) =>
        _found?.Keys.Where(key => !known.ContainsKey(key)) ?? [];

    /// <summary>What it says of a key; null when nothing.</summary>
    internal Operation? Of(string key, long firstWrite)
    {
        if (_found is null)
        {
            return null;
        }

        if (_found.TryGetValue(key, out var value))
        {
            var kind = value is null ? OperationKind.Seen : OperationKind.Get;
            return Operation.Read(key, _by + " (listing)", kind, value, _called, _answered);
        }

        // before the first write nothing is there anyway
        return firstWrite < _answered && _covers!(key)
            ? Operation.Read(key, _by + " (listing)", OperationKind.Get, null, _called, _answered)
            : null;
    }
}
