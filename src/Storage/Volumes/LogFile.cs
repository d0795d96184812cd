namespace Vault.Storage.Volumes;

/// <summary>
/// One log with its index. The volume holds one reference, every read another; a log that compaction replaced is
/// unlinked when the last of them is gone.
/// </summary>
internal sealed class LogFile(IFileLayer files, string path, LogHeader header, IVolumeFile file, ILogIndex index)
{
    private int _references = 1;
    private long _dead;
    private volatile ILogIndex _index = index;
    private string? _indexPath;
    private volatile bool _retired;

    public LogHeader Header => header;

    public ulong Number => header.Number;

    public IVolumeFile File => file;

    public ILogIndex Index => _index;

    /// <summary>Set once the log has an index file; such a log never changes.</summary>
    public bool Sealed => _index is SealedIndex;

    /// <summary>Takes no more records: its index can be written.</summary>
    public bool Closed { get; set; }

    /// <summary>Number of the index file's version; a rebuilt index gets the next one.</summary>
    public uint IndexGeneration { get; private set; }

    /// <summary>Offset after the last durable commit.</summary>
    public long End { get; set; } = LogHeader.Bytes;

    public ulong LastCommitOffset { get; set; }

    public ulong MinSequence { get; set; }

    public ulong MaxSequence { get; set; }

    public long ShardBytes { get; set; }

    public long ControlBytes { get; set; }

    public long ScrubbedAtMs { get; set; }

    /// <summary>Written by compaction as the oldest log: its control records speak of its own shards.</summary>
    public bool ControlIsNeeded { get; set; }

    /// <summary>A header is damaged whose record is whole: compaction should write the log again.</summary>
    public bool RewriteWanted { get; set; }

    /// <summary>Bytes that compaction would free; an estimate until it looks.</summary>
    public long DeadBytes
    {
        get => Volatile.Read(ref _dead);
        set => Volatile.Write(ref _dead, value);
    }

    public void AddDead(long bytes) => Interlocked.Add(ref _dead, bytes);

    /// <summary>Takes note of a durable record; before the log is visible, or by the one writer.</summary>
    public void Count(in IndexEntry entry)
    {
        if (MinSequence == 0)
            MinSequence = entry.Sequence;
        MaxSequence = Math.Max(MaxSequence, entry.Sequence);
        if (entry.Type == RecordType.Shard)
            ShardBytes += entry.TotalBytes;
        else
            ControlBytes += entry.TotalBytes;
    }

    /// <summary>False when the log is gone; look it up again then.</summary>
    public bool TryAcquire()
    {
        for (var seen = Volatile.Read(ref _references); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        _index.Dispose();
        file.Dispose();
        if (_retired)
            Unlink();
    }

    /// <summary>Gives up the volume's reference; the files go once nobody reads them.</summary>
    public void Retire()
    {
        _retired = true;
        Release();
    }

    /// <summary>
    /// Replaces the index; readers that still use the old one keep its file open until they are done.
    /// </summary>
    public void UseIndex(SealedIndex sealedIndex, uint generation, string indexPath)
    {
        _index = sealedIndex;
        IndexGeneration = generation;
        _indexPath = indexPath;
    }

    private void Unlink()
    {
        try
        {
            files.Delete(path);
            if (_indexPath is not null)
                files.Delete(_indexPath);
        }
        catch (IOException)
        {
            // The manifest no longer names the files: the next start removes them.
        }
    }
}
