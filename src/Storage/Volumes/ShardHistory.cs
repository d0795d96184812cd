using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// The shards of one CID that are not deleted, newest first, each with what the control records after it say. Logs hold
/// disjoint ranges of sequence, so walking them backwards sees every control record before the shards it speaks of.
/// The log of the current shard is held; <see cref="Detach"/> hands that reference to the caller.
/// </summary>
internal ref struct ShardHistory
{
    /// <summary>Entries that the caller's stack should hold for each of the two lists.</summary>
    internal const int StackEntries = 4;

    private readonly ReadOnlySpan<LogFile> _logs;
    private readonly Cid _cid;
    private EntryList _found, _marks;
    private int _nextLog, _position;
    private ulong _deletedUpTo;
    private LogFile? _held;

    public ShardHistory(ReadOnlySpan<LogFile> logs, in Cid cid, Span<IndexEntry> stack)
    {
        _logs = logs;
        _cid = cid;
        _nextLog = logs.Length - 1;
        _found = new EntryList(stack[..StackEntries]);
        _marks = new EntryList(stack[StackEntries..]);
    }

    /// <summary>A log went away between the snapshot and its use: take the newer snapshot and begin again.</summary>
    public bool LostRace { get; private set; }

    public IndexEntry Entry { get; private set; }

    public ShardState State { get; private set; }

    public ulong ExpiresAtMs { get; private set; }

    /// <summary>Log of the current shard, and its index entry.</summary>
    public readonly LogFile Log => _held!;

    /// <summary>Log of the newest tombstone seen so far.</summary>
    public LogFile? TombstoneLog { get; private set; }

    /// <param name="oldest">Records below this sequence are of no interest.</param>
    public bool MoveNext(ulong oldest = 0)
    {
        while (true)
        {
            while (_position < _found.Count)
            {
                Entry = _found.Entries[_position++];
                if (Entry.Type != RecordType.Shard)
                    Note(Entry);
                else if (Entry.Sequence > _deletedUpTo && Entry.Sequence >= oldest)
                    return Judge();
            }

            if (!NextLog(Math.Max(oldest, _deletedUpTo + 1)))
                return false;
        }
    }

    /// <summary>Leaves the reference on the current log with the caller.</summary>
    public LogFile Detach()
    {
        var log = _held!;
        _held = null;
        return log;
    }

    public void Dispose()
    {
        _held?.Release();
        _held = null;
        _found.Dispose();
        _marks.Dispose();
    }

    private bool NextLog(ulong oldest)
    {
        _held?.Release();
        _held = null;
        for (; _nextLog >= 0; _nextLog--)
        {
            var log = _logs[_nextLog];
            if (log.MaxSequence < oldest && log.MaxSequence != 0)
                return false;
            if (!log.Index.MayContain(_cid))
                continue;
            if (!log.TryAcquire())
            {
                LostRace = true;
                return false;
            }

            _held = log;
            _nextLog--;
            ReadLog(log);
            return true;
        }

        return false;
    }

    private void ReadLog(LogFile log)
    {
        _found.Clear();
        _position = 0;
        try
        {
            log.Index.Find(_cid, ref _found);
        }
        catch (IndexDamagedException damaged)
        {
            damaged.Log = log;
            throw;
        }

        if (_found.Count > 1)
            _found.SortNewestFirst();
    }

    private void Note(in IndexEntry control)
    {
        if (control.Type != RecordType.Tombstone)
        {
            _marks.Add(control);
        }
        else if (control.Target > _deletedUpTo)
        {
            _deletedUpTo = control.Target;
            TombstoneLog = _held;
        }
    }

    private bool Judge()
    {
        State = ShardState.Live;
        ExpiresAtMs = Entry.Argument;
        var (visibilityKnown, expiryKnown) = (false, false);
        foreach (ref readonly var mark in _marks.Entries)
        {
            if (mark.Type == RecordType.Quarantine)
            {
                if (mark.Target == Entry.Sequence)
                    State = ShardState.Quarantined;
            }
            else if (mark.Target >= Entry.Sequence && mark.Type == RecordType.Expiry)
            {
                ExpiresAtMs = expiryKnown ? ExpiresAtMs : mark.Argument;
                expiryKnown = true;
            }
            else if (mark.Target >= Entry.Sequence && !visibilityKnown)
            {
                visibilityKnown = true;
                if (mark.Type == RecordType.Trash && State == ShardState.Live)
                    State = ShardState.Trashed;
            }
        }

        return true;
    }
}
