using System.Buffers.Binary;

namespace Vault.Storage.Volumes;

/// <summary>Writes the hash file of a sealed log: header, hash pages, order pages, filter pages.</summary>
internal static class SealedIndexWriter
{
    private const int TargetEntriesPerPage = 28, PagesPerWrite = 128;

    /// <param name="file">An empty file under a temporary name; the caller syncs and renames it.</param>
    /// <param name="log">The log that the entries are of.</param>
    /// <param name="entries">By rising sequence.</param>
    public static void Write(IVolumeFile file, LogHeader log, ReadOnlySpan<IndexEntry> entries)
    {
        var salt = CidHash.Salt(log.Salt);
        var hashPages = Math.Max(1, (entries.Length + TargetEntriesPerPage - 1) / TargetEntriesPerPage);
        var counts = new byte[hashPages];
        var overflow = new bool[hashPages];
        var slots = new int[entries.Length];
        var placed = new int[hashPages * IndexPage.EntriesPerPage];
        var filter = CidFilter.ForRecords(entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var hash = CidHash.Of(entries[i].Cid, salt);
            filter.Add(hash);
            var page = SealedIndex.HomePage(hash, hashPages);
            while (counts[page] == IndexPage.EntriesPerPage)
            {
                overflow[page] = true;
                page = (page + 1) % hashPages;
            }

            slots[i] = page * IndexPage.EntriesPerPage + counts[page]++;
            placed[slots[i]] = i;
        }

        var pages = new PageStream(file, log.Salt);
        WriteFileHeader(pages.Next(), log, entries.Length, hashPages, filter);
        pages.Finish(IndexPage.File, false, 1);
        for (var page = 0; page < hashPages; page++)
        {
            var content = pages.Next();
            for (var i = 0; i < counts[page]; i++)
                entries[placed[page * IndexPage.EntriesPerPage + i]].Write(content[(i * IndexEntry.Bytes)..]);
            pages.Finish(IndexPage.Hash, overflow[page], counts[page]);
        }

        WriteOrder(pages, slots);
        WriteFilter(pages, filter);
        pages.Flush();
    }

    private static void WriteFileHeader(Span<byte> content, LogHeader log, int records, int hashPages, CidFilter filter)
    {
        IndexPage.Magic.CopyTo(content);
        BinaryPrimitives.WriteUInt64LittleEndian(content[8..], log.Number);
        BinaryPrimitives.WriteInt32LittleEndian(content[16..], records);
        BinaryPrimitives.WriteInt32LittleEndian(content[20..], hashPages);
        BinaryPrimitives.WriteInt32LittleEndian(content[24..], filter.Bytes / CidFilter.BlockBytes);
    }

    private static void WriteOrder(PageStream pages, ReadOnlySpan<int> slots)
    {
        for (; !slots.IsEmpty; slots = slots[Math.Min(slots.Length, IndexPage.SlotsPerPage)..])
        {
            var content = pages.Next();
            var count = Math.Min(slots.Length, IndexPage.SlotsPerPage);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteInt32LittleEndian(content[(i * 4)..], slots[i]);
            pages.Finish(IndexPage.Order, false, count);
        }
    }

    private static void WriteFilter(PageStream pages, CidFilter filter)
    {
        var bytes = new byte[filter.Bytes];
        filter.WriteTo(bytes);
        const int PerPage = IndexPage.BlocksPerPage * CidFilter.BlockBytes;
        for (var start = 0; start < bytes.Length; start += PerPage)
        {
            var part = bytes.AsSpan(start, Math.Min(PerPage, bytes.Length - start));
            part.CopyTo(pages.Next());
            pages.Finish(IndexPage.Filter, false, part.Length / CidFilter.BlockBytes);
        }
    }

    /// <summary>Collects pages and writes many at a time.</summary>
    private sealed class PageStream(IVolumeFile file, byte[] salt)
    {
        private readonly byte[] _buffer = new byte[PagesPerWrite * IndexPage.Bytes];
        private int _pages;
        private long _written;

        /// <summary>The contents of the next page, zeroed.</summary>
        public Span<byte> Next()
        {
            if (_pages == PagesPerWrite)
                Flush();
            var page = _buffer.AsSpan(_pages * IndexPage.Bytes, IndexPage.Bytes);
            page.Clear();
            return page[IndexPage.Header..];
        }

        public void Finish(byte kind, bool overflow, int entries)
        {
            var page = _buffer.AsSpan(_pages * IndexPage.Bytes, IndexPage.Bytes);
            IndexPage.Finish(page, salt, kind, overflow, entries, _written + _pages);
            _pages++;
        }

        public void Flush()
        {
            file.Write(_buffer.AsSpan(0, _pages * IndexPage.Bytes), _written * IndexPage.Bytes);
            _written += _pages;
            _pages = 0;
        }
    }
}
