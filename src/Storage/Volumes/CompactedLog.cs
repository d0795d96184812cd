namespace Vault.Storage.Volumes;

/// <summary>The log that a compaction writes: all of it under a temporary name, then sealed at once.</summary>
internal sealed class CompactedLog : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly LogCatalog _catalog;
    private readonly IVolumeFile _file;
    private readonly LogHeader _header;
    private readonly string _temporary;
    private readonly List<IndexEntry> _entries = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _flushed;
    private int _used;
    private bool _finished;

    public CompactedLog(LogCatalog catalog)
    {
        _catalog = catalog;
        _file = catalog.CreateTemporary(out _header, out _temporary);
        Put(_header.ToArray());
    }

    private long Position => _flushed + _used;

    public void Add(in IndexEntry entry, ReadOnlySpan<byte> body)
    {
        var header = entry.ToHeader();
        _entries.Add(IndexEntry.From(header, Position));
        Span<byte> bytes = stackalloc byte[RecordHeader.Bytes];
        header.Write(bytes, _header.Salt, Position);
        Put(bytes);
        Put(body);
        Put(stackalloc byte[(int)(header.TotalBytes - RecordHeader.Bytes - body.Length)]);
    }

    /// <summary>Makes the log and its index durable under their names; null when nothing was added.</summary>
    public LogFile? Finish()
    {
        if (_entries.Count == 0)
            return null;
        var commit = Position;
        Span<byte> bytes = stackalloc byte[RecordHeader.Bytes];
        new RecordHeader
        {
            Type = RecordType.Commit,
            Sequence = _entries[^1].Sequence,
            WrittenAtMs = _header.CreatedAtMs,
            End = (ulong)commit + RecordHeader.Bytes,
        }.Write(bytes, _header.Salt, commit);
        Put(bytes);
        Flush();
        _file.Sync(SyncPoint.Compaction);
        var entries = _entries.ToArray();
        var indexPath = _catalog.WriteIndex(_header, entries, 1);
        var index = SealedIndex.Open(_catalog.Files.Open(indexPath), _header);
        var log = _catalog.Name(_file, _header, _temporary, index);
        _finished = true;
        log.UseIndex(index, 1, indexPath);
        foreach (ref readonly var entry in entries.AsSpan())
            log.Count(entry);
        log.End = _flushed;
        log.LastCommitOffset = (ulong)commit;
        return log;
    }

    public void Dispose()
    {
        if (_finished)
            return;
        _file.Dispose();
        _catalog.Files.Delete(_temporary);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _used)
            Flush();
        if (bytes.Length > _buffer.Length)
        {
            _file.Write(bytes, _flushed);
            _flushed += bytes.Length;
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Flush()
    {
        _file.Write(_buffer.AsSpan(0, _used), _flushed);
        _flushed += _used;
        _used = 0;
    }
}
