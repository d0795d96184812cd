using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Vault.Storage.Volumes;

/// <summary>
/// The one writer of the active log. Appends that wait while a group is being synced form the next group: one gathered
/// write, ended by a commit record, then one <c>fdatasync</c>, then all of them are acknowledged. A group is written
/// only after the one before it is durable, so only the last group of the last log can ever be torn.
/// </summary>
internal sealed partial class GroupWriter(
    LogCatalog catalog, VolumeOptions options, SpaceGuard space, TimeProvider time, VolumeInstruments instruments,
    ILogger<Volume> logger, Func<bool> sealerKeepsUp, Action logClosed)
{
    private const int MostRecords = 500, SlabBytes = (MostRecords + 1) * (RecordHeader.Bytes + RecordHeader.Alignment);
    private const int SmallGroupBytes = 48 << 10, ZeroAheadBytes = 512 << 10;
    private const long GroupBytes = 32L << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    private readonly object _gate = new();
    private readonly Queue<AppendRequest> _pending = [];
    private readonly AppendRequest[] _group = new AppendRequest[MostRecords];
    private readonly IndexEntry[] _entries = new IndexEntry[MostRecords];
    private readonly ReadOnlyMemory<byte>[] _pieces = new ReadOnlyMemory<byte>[MostRecords * 2 + 1];
    private readonly byte[] _slab = GC.AllocateArray<byte>(SlabBytes, pinned: true);
    private readonly int _mostEntries = Math.Max(64, options.ActiveMapBytes / 3 / ActiveIndex.BytesPerEntry);
    private readonly byte[] _zeros = new byte[ZeroAheadBytes];
    private LogFile? _active;
    private long _zeroedTo;
    private ulong _nextSequence = 1;
    private (ulong Log, ulong Offset) _lastCommit;
    private Thread? _thread;
    private bool _stopping;
    private bool _reopens;
    private long _reopenedAt;
    private TimeSpan _reopenPause;

    /// <summary>False from a failed write until a new log was opened.</summary>
    public bool Writable => Volatile.Read(ref _active) is not null;

    public void Start(ulong nextSequence, (ulong Log, ulong Offset) lastCommit, LogFile? active)
    {
        (_nextSequence, _lastCommit, _active) = (nextSequence, lastCommit, active);
        catalog.LastSequence = nextSequence - 1;
    }

    /// <summary>
    /// A log to begin with; without one the volume can be read, and the next append or maintenance tries again.
    /// </summary>
    public void OpenFirstLog() => Roll(forStoring: false);

    /// <summary>
    /// Tries again to open a log if there is none: whoever sees that the volume takes nothing appends nothing to it.
    /// </summary>
    public void Reopen()
    {
        if (Writable || (_reopenPause > TimeSpan.Zero && time.GetElapsedTime(_reopenedAt) < _reopenPause))
            return;
        _reopenedAt = time.GetTimestamp();
        _reopenPause = _reopenPause == TimeSpan.Zero ? FirstPause
            : _reopenPause * 2 < LongestPause ? _reopenPause * 2 : LongestPause;
        lock (_gate)
        {
            _reopens = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>After the last group: the log takes no more records and can be sealed.</summary>
    public void CloseActive()
    {
        if (_active is not { Index.Count: > 0 } log)
            return;
        Volatile.Write(ref _active, null);
        log.Closed = true;
    }

    public void StartThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"volume {catalog.Volume} writer" };
        _thread.Start();
    }

    public void Enqueue(AppendRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, typeof(Volume));
            _pending.Enqueue(request);
            if (_pending.Count == 1)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what waits, then ends the thread; nothing is accepted from now on.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
        while (Pump())
        {
        }
    }

    /// <summary>Makes one group durable; false when nothing waits.</summary>
    public bool Pump()
    {
        AppendRequest? first;
        lock (_gate)
        {
            if (!_pending.TryPeek(out first))
                return false;
        }

        if (!HasRoom(first.Header.TotalBytes, 0) && Roll(first.Stores) is { } refusal)
        {
            lock (_gate)
            {
                _pending.Dequeue();
            }

            first.Fail(refusal);
            return true;
        }

        Write(_active!, Take());
        return true;
    }

    private void Run()
    {
        while (true)
        {
            bool reopens;
            lock (_gate)
            {
                while (_pending.Count == 0 && !_stopping && !_reopens)
                    Monitor.Wait(_gate);
                if (_pending.Count == 0 && _stopping)
                    return;
                (reopens, _reopens) = (_reopens, false);
            }

            if (reopens && !Writable && Roll(forStoring: true) is null)
                LogWritesAgain(catalog.Volume);
            Pump();
        }
    }

    private int Take()
    {
        var count = 0;
        long bytes = 0;
        lock (_gate)
        {
            while (count < MostRecords && bytes < GroupBytes && _pending.TryPeek(out var request)
                && HasRoom(bytes + request.Header.TotalBytes, count))
            {
                bytes += request.Header.TotalBytes;
                _group[count++] = _pending.Dequeue();
            }
        }

        return count;
    }

    private bool HasRoom(long bytes, int records) => _active is { } log
        && log.End + bytes + RecordHeader.Bytes <= options.LogBytes
        && log.Index.Count + records < _mostEntries;

    /// <summary>Goes on in a new log; returns why that isn't possible.</summary>
    private VolumeException? Roll(bool forStoring)
    {
        try
        {
            if (!space.MayCreateLog(forStoring))
                return new VolumeFullException($"Volume {catalog.Volume} has no space for another log.");
            if (!sealerKeepsUp())
                return new VolumeReadOnlyException($"Volume {catalog.Volume} cannot write its index files.");
            var log = catalog.CreateLog(options.LogBytes);
            catalog.Publish(logs => [.. logs, log]);
            var closed = _active;
            Volatile.Write(ref _active, log);
            _zeroedTo = 0;
            space.LogCreated();
            if (closed is not null)
                Close(closed);
            return null;
        }
        catch (DiskFullException full)
        {
            return new VolumeFullException(full.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogCannotOpen(failure, catalog.Volume);
            return new VolumeReadOnlyException($"Volume {catalog.Volume} cannot open a new log.", failure);
        }
    }

    private void Close(LogFile log)
    {
        log.Closed = true;
        logClosed();
    }

    private void Write(LogFile log, int count)
    {
        var started = Stopwatch.GetTimestamp();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var firstSequence = _nextSequence;
        _nextSequence += (ulong)count;
        try
        {
            var bytes = Lay(log, count, firstSequence, now, out var pieces, out var commit);
            ZeroAhead(log, bytes);
            log.File.Write(_pieces.AsSpan(0, pieces), log.End);
            var written = Stopwatch.GetTimestamp();
            log.File.Sync(SyncPoint.GroupCommit);
            instruments.Synced(Stopwatch.GetElapsedTime(written), Stopwatch.GetElapsedTime(started), count, bytes);
            Accept(log, count, bytes, commit);
        }
        catch (Exception failure)
        {
            Abandon(log, count, failure);
            if (_thread is null && failure is not IOException)
                throw;
            return;
        }
        finally
        {
            Array.Clear(_pieces);
        }

        for (var i = 0; i < count; i++)
        {
            _group[i].Complete(new ShardReceipt(catalog.Volume, firstSequence + (ulong)i, now));
            _group[i] = null!;
        }
    }

    /// <summary>
    /// Overwriting blocks that were written before needs no commit of the file system's journal, which takes about half
    /// of a small group's sync; so one group in many also writes zeros into the preallocated space behind it.
    /// </summary>
    private void ZeroAhead(LogFile log, long bytes)
    {
        var from = log.End + bytes;
        if (bytes > SmallGroupBytes || from <= _zeroedTo)
            return;
        var count = (int)Math.Min(_zeros.Length, options.LogBytes - from);
        log.File.Write(_zeros.AsSpan(0, count), from);
        _zeroedTo = from + count;
    }

    /// <summary>Lays out one group: header, body, padding and next header, body, … and the commit record.</summary>
    private long Lay(LogFile log, int count, ulong firstSequence, long now, out int pieces, out long commit)
    {
        var offset = log.End;
        int slab = 0, piece = 0;
        pieces = 0;
        for (var i = 0; i < count; i++)
        {
            ref var header = ref _group[i].Header;
            header.Sequence = firstSequence + (ulong)i;
            header.WrittenAtMs = now;
            header.Write(_slab.AsSpan(slab), log.Header.Salt, offset);
            _entries[i] = IndexEntry.From(header, offset);
            slab += RecordHeader.Bytes;
            if (header.BodyBytes > 0)
            {
                _pieces[pieces++] = _slab.AsMemory(piece, slab - piece);
                _pieces[pieces++] = _group[i].Body;
                var padding = (int)(header.TotalBytes - RecordHeader.Bytes - header.BodyBytes);
                _slab.AsSpan(slab, padding).Clear();
                piece = slab;
                slab += padding;
            }

            offset += header.TotalBytes;
        }

        commit = offset;
        new RecordHeader
        {
            Type = RecordType.Commit,
            Sequence = firstSequence + (ulong)count - 1,
            WrittenAtMs = now,
            Target = _lastCommit.Offset,
            Argument = _lastCommit.Log,
            End = (ulong)offset + RecordHeader.Bytes,
        }.Write(_slab.AsSpan(slab), log.Header.Salt, offset);
        _pieces[pieces++] = _slab.AsMemory(piece, slab + RecordHeader.Bytes - piece);
        return offset + RecordHeader.Bytes - log.End;
    }

    private void Accept(LogFile log, int count, long bytes, long commit)
    {
        for (var i = 0; i < count; i++)
            log.Count(_entries[i]);
        _reopenPause = TimeSpan.Zero;
        ((ActiveIndex)log.Index).AddRange(_entries.AsSpan(0, count));
        log.End += bytes;
        log.LastCommitOffset = (ulong)commit;
        _lastCommit = (log.Number, (ulong)commit);
        Volatile.Write(ref catalog.LastSequence, _entries[count - 1].Sequence);
    }

    /// <summary>
    /// After a failed sync nobody knows which of the group's blocks are on the disk, and a second sync would not say:
    /// the log takes no more records, and its end stays after the last group that was acknowledged.
    /// </summary>
    private void Abandon(LogFile log, int count, Exception failure)
    {
        LogWriteFailed(failure, catalog.Volume, log.Number, count);
        instruments.WriteFailed();
        Volatile.Write(ref _active, null);
        Close(log);
        VolumeException reported = failure is DiskFullException
            ? new VolumeFullException(failure.Message)
            : new VolumeWriteException($"Volume {catalog.Volume} could not make the record durable.", failure);
        for (var i = 0; i < count; i++)
        {
            _group[i].Fail(reported);
            _group[i] = null!;
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error,
        Message = "Volume {Volume} could not write log {Log}; {Records} appends failed and the log is sealed")]
    private partial void LogWriteFailed(Exception failure, uint volume, ulong log, int records);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "Volume {Volume} takes writes again")]
    private partial void LogWritesAgain(uint volume);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Volume {Volume} cannot open a new log")]
    private partial void LogCannotOpen(Exception failure, uint volume);
}
