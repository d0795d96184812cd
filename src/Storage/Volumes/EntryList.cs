using System.Buffers;

namespace Vault.Storage.Volumes;

/// <summary>
/// A list of index entries that begins in the caller's stack and moves to pooled memory when it must.
/// </summary>
internal ref struct EntryList(Span<IndexEntry> initial)
{
    private Span<IndexEntry> _entries = initial;
    private IndexEntry[]? _rented;

    public int Count { get; private set; }

    public readonly Span<IndexEntry> Entries => _entries[..Count];

    public void Add(in IndexEntry entry)
    {
        if (Count == _entries.Length)
            Grow();
        _entries[Count++] = entry;
    }

    public void Clear() => Count = 0;

    public readonly void SortNewestFirst() => Entries.Sort(static (a, b) => b.Sequence.CompareTo(a.Sequence));

    public void Dispose()
    {
        if (_rented is { } rented)
            ArrayPool<IndexEntry>.Shared.Return(rented);
        _rented = null;
    }

    private void Grow()
    {
        var larger = ArrayPool<IndexEntry>.Shared.Rent(_entries.Length * 2);
        Entries.CopyTo(larger);
        if (_rented is { } rented)
            ArrayPool<IndexEntry>.Shared.Return(rented);
        _rented = larger;
        _entries = larger;
    }
}
