using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// The map of a log that has no index file yet: entries in order of sequence, in blocks that never move, chained from
/// a table of heads. One lock guards it, held for the time of a lookup or of one group's additions.
/// </summary>
internal sealed class ActiveIndex : ILogIndex
{
    /// <summary>Memory that one entry takes: itself, its link and its share of the heads.</summary>
    internal const int BytesPerEntry = 112 + 4 + 8;

    private const int BlockEntries = 1024;

    private readonly Lock _lock = new();
    private readonly List<IndexEntry[]> _blocks = [];
    private readonly List<int[]> _links = [];
    private readonly ulong _salt;
    private int[] _heads = new int[1024];
    private int _count;

    public ActiveIndex(ReadOnlySpan<byte> salt) => _salt = CidHash.Salt(salt);

    public int Count => Volatile.Read(ref _count);

    public bool MayContain(in Cid cid)
    {
        lock (_lock)
        {
            return _heads[Bucket(cid)] != 0;
        }
    }

    public void Find(in Cid cid, ref EntryList found)
    {
        lock (_lock)
        {
            for (var next = _heads[Bucket(cid)];
                next != 0;
                next = _links[(next - 1) / BlockEntries][(next - 1) % BlockEntries])
            {
                ref readonly var entry = ref _blocks[(next - 1) / BlockEntries][(next - 1) % BlockEntries];
                if (entry.Cid.Equals(cid))
                    found.Add(entry);
            }
        }
    }

    public int ReadAfter(ulong after, Span<IndexEntry> entries)
    {
        lock (_lock)
        {
            int low = 0, high = _count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (At(middle).Sequence > after)
                    high = middle;
                else
                    low = middle + 1;
            }

            var copied = 0;
            for (; copied < entries.Length && low < _count; low++)
                entries[copied++] = At(low);
            return copied;
        }
    }

    /// <summary>Adds the records of one durable group; sequences rise.</summary>
    public void AddRange(ReadOnlySpan<IndexEntry> entries)
    {
        lock (_lock)
        {
            foreach (ref readonly var entry in entries)
                Add(entry);
        }
    }

    /// <summary>All entries, by rising sequence. Only once the log takes no more records.</summary>
    public IndexEntry[] ToArray()
    {
        lock (_lock)
        {
            var all = new IndexEntry[_count];
            for (var i = 0; i < all.Length; i++)
                all[i] = At(i);
            return all;
        }
    }

    public void Dispose()
    {
    }

    private ref IndexEntry At(int index) => ref _blocks[index / BlockEntries][index % BlockEntries];

    private int Bucket(in Cid cid) => (int)(CidHash.Of(cid, _salt) >> 32) & (_heads.Length - 1);

    private void Add(in IndexEntry entry)
    {
        if (_count == _heads.Length)
            GrowHeads();
        if (_count % BlockEntries == 0)
        {
            _blocks.Add(new IndexEntry[BlockEntries]);
            _links.Add(new int[BlockEntries]);
        }

        At(_count) = entry;
        Link(_count++);
    }

    private void Link(int index)
    {
        ref var head = ref _heads[Bucket(At(index).Cid)];
        _links[index / BlockEntries][index % BlockEntries] = head;
        head = index + 1;
    }

    private void GrowHeads()
    {
        _heads = new int[_heads.Length * 2];
        for (var i = 0; i < _count; i++)
            Link(i);
    }
}
