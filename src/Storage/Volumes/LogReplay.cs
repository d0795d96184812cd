namespace Vault.Storage.Volumes;

/// <summary>What the headers of one log say; docs/spec/volume.md, section 4.</summary>
internal sealed class LogReplay
{
    private readonly LogFile _log;
    private readonly List<IndexEntry> _committed = [], _group = [];
    private readonly List<QuarantinedRecord> _damage = [], _groupDamage = [];
    private int _lastGroupStart;

    private LogReplay(LogFile log) => _log = log;

    public LogFile Log => _log;

    /// <summary>Acknowledged records, by rising sequence.</summary>
    public List<IndexEntry> Entries => _committed;

    /// <summary>Stretches before the last commit whose headers are gone.</summary>
    public List<QuarantinedRecord> Damage => _damage;

    /// <summary>Log and offset that the first commit names as the commit before it; null without a commit.</summary>
    public (ulong Log, ulong Offset)? Before { get; private set; }

    public bool HasCommit => Before is not null;

    /// <summary>Bytes of unacknowledged records after the last commit.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Whether anything was ever written after the last commit.</summary>
    public bool TailDirty { get; private set; }

    /// <param name="log">Its end and last commit are set to what is found.</param>
    /// <param name="sealedEnd">
    /// Where the log is known to end, when a later commit or the manifest says so: everything before is acknowledged.
    /// Null when that isn't known.
    /// </param>
    /// <param name="closed">
    /// A later log has commits, so all valid records here are acknowledged, wherever the log ended.
    /// </param>
    public static LogReplay Read(LogFile log, long? sealedEnd, bool closed = false)
    {
        var replay = new LogReplay(log);
        var scanner = new LogScanner(log.File, log.Header, Math.Min(log.File.Length, sealedEnd ?? long.MaxValue));
        var end = (long)LogHeader.Bytes;
        while (scanner.Next(out var header))
        {
            if (scanner.SkippedBytes > 0)
                replay.Skip(scanner.Offset - scanner.SkippedBytes, scanner.SkippedBytes);
            if (header.Type != RecordType.Commit)
                replay._group.Add(IndexEntry.From(header, scanner.Offset));
            else
                replay.Commit(header, scanner.Offset);
            end = scanner.Offset + header.TotalBytes;
        }

        replay.TailDirty = scanner.TailDirty || end > log.End;
        if (sealedEnd is { } known && known > log.End)
            replay.AcceptSealedTail(end, known);
        else if (closed && sealedEnd is null && end > log.End)
            replay.AcceptSealedTail(end, end);
        replay.TornBytes = end - log.End;
        return replay;
    }

    /// <summary>
    /// Checks the bodies of the last group: its commit record may have reached the disk before they did. The damaged
    /// ones are taken out of <see cref="Entries"/> and returned.
    /// </summary>
    public List<IndexEntry> RemoveTornBodies()
    {
        List<IndexEntry> torn = [];
        for (var i = _committed.Count - 1; i >= _lastGroupStart; i--)
        {
            if (BodyCheck.IsWhole(_log.File, _committed[i]))
                continue;
            torn.Add(_committed[i]);
            _committed.RemoveAt(i);
        }

        return torn;
    }

    private void Skip(long offset, long bytes) => _groupDamage.Add(new(null, default, 0, _log.Number, offset, bytes));

    private void Commit(in RecordHeader header, long offset)
    {
        Before ??= (header.Argument, header.Target);
        _lastGroupStart = _committed.Count;
        Accept();
        _log.LastCommitOffset = (ulong)offset;
        _log.End = offset + header.TotalBytes;
    }

    private void Accept()
    {
        _committed.AddRange(_group);
        _damage.AddRange(_groupDamage);
        _group.Clear();
        _groupDamage.Clear();
    }

    /// <summary>The last commit record is damaged, but it is known to have been there.</summary>
    private void AcceptSealedTail(long lastValidEnd, long knownEnd)
    {
        if (knownEnd > lastValidEnd)
            Skip(lastValidEnd, knownEnd - lastValidEnd);
        Accept();
        _log.End = knownEnd;
    }
}
