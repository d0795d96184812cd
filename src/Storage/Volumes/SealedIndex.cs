using System.Buffers.Binary;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>Reads the immutable hash file of a sealed log; only its filter stays in memory.</summary>
internal sealed class SealedIndex : ILogIndex
{
    private readonly IVolumeFile _file;
    private readonly byte[] _logSalt;
    private readonly ulong _salt;
    private readonly CidFilter _filter;
    private readonly int _hashPages, _orderPages;

    private SealedIndex(IVolumeFile file, LogHeader log, int records, int hashPages, int filterBlocks)
    {
        _file = file;
        _logSalt = log.Salt;
        _salt = CidHash.Salt(log.Salt);
        Count = records;
        _hashPages = hashPages;
        _orderPages = (records + IndexPage.SlotsPerPage - 1) / IndexPage.SlotsPerPage;
        _filter = ReadFilter(filterBlocks);
    }

    public int Count { get; }

    /// <summary>Memory that the filter takes.</summary>
    public int FilterBytes => _filter.Bytes;

    /// <summary>All pages of the file.</summary>
    public long PageCount => _file.Length / IndexPage.Bytes;

    /// <summary>Opens an index file, which it then owns.</summary>
    /// <exception cref="IndexDamagedException">It is not the index of that log, or not whole.</exception>
    public static SealedIndex Open(IVolumeFile file, LogHeader log)
    {
        Span<byte> page = stackalloc byte[IndexPage.Bytes];
        if (file.Read(page, 0) != page.Length)
            throw new IndexDamagedException("The index file is too short.");
        IndexPage.Check(page, log.Salt, IndexPage.File, 0);
        var content = page[IndexPage.Header..];
        if (!content.StartsWith(IndexPage.Magic) || BinaryPrimitives.ReadUInt64LittleEndian(content[8..]) != log.Number)
            throw new IndexDamagedException("The index file is of another log.");
        var records = BinaryPrimitives.ReadInt32LittleEndian(content[16..]);
        var hashPages = BinaryPrimitives.ReadInt32LittleEndian(content[20..]);
        var filterBlocks = BinaryPrimitives.ReadInt32LittleEndian(content[24..]);
        if (records < 0 || hashPages < 1 || filterBlocks != CidFilter.BlocksFor(records))
            throw new IndexDamagedException("The index file's header makes no sense.");
        return new SealedIndex(file, log, records, hashPages, filterBlocks);
    }

    internal static int HomePage(ulong hash, int hashPages) => (int)((hash & uint.MaxValue) * (ulong)hashPages >> 32);

    public bool MayContain(in Cid cid) => _filter.MayContain(CidHash.Of(cid, _salt));

    public void Find(in Cid cid, ref EntryList found)
    {
        var hash = CidHash.Of(cid, _salt);
        if (!_filter.MayContain(hash))
            return;
        Span<byte> page = stackalloc byte[IndexPage.Bytes];
        Span<byte> key = stackalloc byte[Cid.Size];
        cid.WriteTo(key);
        var number = HomePage(hash, _hashPages);
        for (var visited = 0; visited < _hashPages; visited++, number = (number + 1) % _hashPages)
        {
            var count = ReadPage(page, IndexPage.Hash, 1 + number);
            for (var i = 0; i < count; i++)
            {
                var entry = page.Slice(IndexPage.Header + i * IndexEntry.Bytes, IndexEntry.Bytes);
                if (entry[..Cid.Size].SequenceEqual(key))
                    found.Add(IndexEntry.Read(entry));
            }

            if (page[5] == 0)
                return;
        }
    }

    public int ReadAfter(ulong after, Span<IndexEntry> entries)
    {
        Span<byte> order = stackalloc byte[IndexPage.Bytes];
        Span<byte> page = stackalloc byte[IndexPage.Bytes];
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            ReadPage(order, IndexPage.Order, OrderPage(middle));
            if (EntryAt(order, middle, page).Sequence > after)
                high = middle;
            else
                low = middle + 1;
        }

        var copied = 0;
        for (; copied < entries.Length && low < Count; low++)
        {
            if (copied == 0 || low % IndexPage.SlotsPerPage == 0)
                ReadPage(order, IndexPage.Order, OrderPage(low));
            entries[copied++] = EntryAt(order, low, page);
        }

        return copied;
    }

    /// <summary>Checks every page.</summary>
    /// <exception cref="IndexDamagedException">One is damaged.</exception>
    public void Verify()
    {
        Span<byte> page = stackalloc byte[IndexPage.Bytes];
        for (var i = 0; i < _hashPages; i++)
            ReadPage(page, IndexPage.Hash, 1 + i);
        for (var i = 0; i < _orderPages; i++)
            ReadPage(page, IndexPage.Order, 1 + _hashPages + i);
    }

    public void Dispose() => _file.Dispose();

    private long OrderPage(int position) => 1 + _hashPages + position / IndexPage.SlotsPerPage;

    private IndexEntry EntryAt(ReadOnlySpan<byte> order, int position, Span<byte> page)
    {
        var slot = BinaryPrimitives.ReadInt32LittleEndian(
            order[(IndexPage.Header + position % IndexPage.SlotsPerPage * 4)..]);
        ReadPage(page, IndexPage.Hash, 1 + slot / IndexPage.EntriesPerPage);
        return IndexEntry.Read(page[(IndexPage.Header + slot % IndexPage.EntriesPerPage * IndexEntry.Bytes)..]);
    }

    private int ReadPage(Span<byte> page, byte kind, long number)
    {
        if (_file.Read(page, number * IndexPage.Bytes) != page.Length)
            throw new IndexDamagedException($"Index page {number} is missing.");
        return IndexPage.Check(page, _logSalt, kind, number);
    }

    private CidFilter ReadFilter(int blocks)
    {
        var bytes = new byte[(long)blocks * CidFilter.BlockBytes];
        Span<byte> page = stackalloc byte[IndexPage.Bytes];
        const int PerPage = IndexPage.BlocksPerPage * CidFilter.BlockBytes;
        for (int start = 0, number = 1 + _hashPages + _orderPages; start < bytes.Length; start += PerPage, number++)
        {
            ReadPage(page, IndexPage.Filter, number);
            var part = bytes.AsSpan(start, Math.Min(PerPage, bytes.Length - start));
            page.Slice(IndexPage.Header, part.Length).CopyTo(part);
        }

        return CidFilter.FromBytes(bytes);
    }
}
