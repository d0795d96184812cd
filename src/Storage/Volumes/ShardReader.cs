using System.Buffers;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>Lookups and reads of a volume; holds no state of its own.</summary>
internal sealed class ShardReader(
    LogCatalog catalog, Maintenance maintenance, Quarantine quarantine, VolumeInstruments instruments)
{
    private enum Outcome
    {
        NotFound,
        Found,
        Quarantined,
        Again,
    }

    public ShardRecord? Find(Cid cid)
    {
        var outcome = Locate(cid, 0, trashToo: true, out var log, out var found);
        if (outcome == Outcome.Found)
            log!.Release();
        return outcome == Outcome.NotFound ? null : found;
    }

    public async ValueTask<ShardLease?> ReadAsync(Cid cid, bool verify, CancellationToken ct)
    {
        if (!TryLocate(cid, 0, out var log, out var entry))
            return null;
        var buffer = ArrayPool<byte>.Shared.Rent(entry.BodyBytes);
        try
        {
            await ReadBodyAsync(log, entry, 0, buffer.AsMemory(0, entry.BodyBytes), verify, ct);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        return new ShardLease(buffer, entry.BodyBytes, entry.Sequence);
    }

    public ValueTask<int> ReadAsync(
        Cid cid, int offset, Memory<byte> destination, ulong sequence, bool whole, bool verify, CancellationToken ct)
    {
        if (!TryLocate(cid, sequence, out var log, out var entry))
            return new ValueTask<int>(-1);
        var length = Math.Max(0, entry.BodyBytes - offset);
        if (whole && destination.Length < length)
        {
            log.Release();
            throw new ArgumentException($"The shard has {length} bytes.", nameof(destination));
        }

        return ReadBodyAsync(log, entry, offset, destination[..Math.Min(length, destination.Length)], verify, ct);
    }

    public async ValueTask<bool> RecheckAsync(Cid cid, CancellationToken ct)
    {
        if (!TryLocate(cid, 0, out var log, out var entry))
            return false;
        try
        {
            if (await Task.Run(() => BodyCheck.IsAuthentic(log.File, entry), ct))
                return false;
        }
        finally
        {
            log.Release();
        }

        await quarantine.IsolateAsync(log.Number, entry);
        return true;
    }

    /// <summary>Undeleted records of a CID up to a sequence; returns the object of the newest.</summary>
    public ObjectId CollectUpTo(Cid cid, ulong sequence, List<(ulong Sequence, long Bytes)> records)
    {
        Span<IndexEntry> stack = stackalloc IndexEntry[2 * ShardHistory.StackEntries];
        while (true)
        {
            try
            {
                using var history = new ShardHistory(catalog.Logs, cid, stack);
                ObjectId objectId = default;
                records.Clear();
                while (history.MoveNext())
                {
                    if (history.Entry.Sequence > sequence)
                        continue;
                    objectId = records.Count == 0 ? history.Entry.ObjectId : objectId;
                    records.Add((history.Entry.Sequence, history.Entry.TotalBytes));
                }

                if (!history.LostRace)
                    return objectId;
            }
            catch (IndexDamagedException damaged) when (damaged.Log is not null)
            {
                maintenance.Rebuild(damaged.Log);
            }
        }
    }

    public void CountDead(List<(ulong Sequence, long Bytes)> records)
    {
        var logs = catalog.Logs;
        foreach (var (sequence, bytes) in records)
            Array.Find(logs, log => log.MinSequence <= sequence && sequence <= log.MaxSequence)?.AddDead(bytes);
    }

    public int List(ulong after, Span<ShardRecord> records)
    {
        var count = 0;
        var entries = ArrayPool<IndexEntry>.Shared.Rent(Math.Clamp(records.Length, 1, 512));
        try
        {
            while (count < records.Length)
            {
                var read = ReadAfter(after, entries.AsSpan(0, Math.Min(records.Length - count, entries.Length)));
                if (read == 0)
                    break;
                for (var i = 0; i < read; i++)
                {
                    if (entries[i].Type == RecordType.Shard && Judge(entries[i]) is { } record)
                        records[count++] = record;
                }

                after = entries[read - 1].Sequence;
            }
        }
        finally
        {
            ArrayPool<IndexEntry>.Shared.Return(entries);
        }

        return count;
    }

    private bool TryLocate(Cid cid, ulong sequence, out LogFile log, out IndexEntry entry)
    {
        var outcome = Locate(cid, sequence, trashToo: false, out var held, out _, out entry);
        log = held!;
        return outcome switch
        {
            Outcome.Found => true,
            Outcome.Quarantined => throw new VolumeCorruptException(cid, $"The record of shard {cid} is damaged."),
            _ => false,
        };
    }

    private Outcome Locate(Cid cid, ulong oldest, bool trashToo, out LogFile? log, out ShardRecord record)
    {
        var outcome = Locate(cid, oldest, trashToo, out log, out record, out _);
        return outcome;
    }

    private Outcome Locate(
        Cid cid, ulong oldest, bool trashToo, out LogFile? log, out ShardRecord record, out IndexEntry entry)
    {
        while (true)
        {
            try
            {
                var outcome = Search(cid, oldest, trashToo, out log, out record, out entry);
                if (outcome != Outcome.Again)
                    return outcome;
            }
            catch (IndexDamagedException damaged) when (damaged.Log is not null)
            {
                maintenance.Rebuild(damaged.Log);
            }
        }
    }

    private Outcome Search(
        in Cid cid, ulong oldest, bool trashToo, out LogFile? log, out ShardRecord record, out IndexEntry entry)
    {
        Span<IndexEntry> stack = stackalloc IndexEntry[2 * ShardHistory.StackEntries];
        using var history = new ShardHistory(catalog.Logs, cid, stack);
        (log, record, entry) = (null, default, default);
        var outcome = Outcome.NotFound;
        while (history.MoveNext(oldest))
        {
            if (history.State == ShardState.Trashed && !trashToo)
                continue;
            record = Describe(history);
            if (history.State == ShardState.Quarantined)
            {
                outcome = Outcome.Quarantined;
                continue;
            }

            entry = history.Entry;
            log = history.Detach();
            return Outcome.Found;
        }

        return history.LostRace ? Outcome.Again : outcome;
    }

    private ShardRecord? Judge(in IndexEntry entry)
    {
        Span<IndexEntry> stack = stackalloc IndexEntry[2 * ShardHistory.StackEntries];
        while (true)
        {
            try
            {
                using var history = new ShardHistory(catalog.Logs, entry.Cid, stack);
                while (history.MoveNext(entry.Sequence))
                {
                    if (history.Entry.Sequence == entry.Sequence)
                        return Describe(history);
                }

                if (!history.LostRace)
                    return null;
            }
            catch (IndexDamagedException damaged) when (damaged.Log is not null)
            {
                maintenance.Rebuild(damaged.Log);
            }
        }
    }

    /// <summary>The next entries of the first log that has any; the logs' ranges of sequence rise.</summary>
    private int ReadAfter(ulong after, Span<IndexEntry> entries)
    {
        while (true)
        {
            var log = Array.Find(catalog.Logs, candidate => candidate.MaxSequence > after);
            if (log is null)
                return 0;
            if (!log.TryAcquire())
                continue;
            try
            {
                return log.Index.ReadAfter(after, entries);
            }
            catch (IndexDamagedException)
            {
                maintenance.Rebuild(log);
            }
            finally
            {
                log.Release();
            }
        }
    }

    private static ShardRecord Describe(in ShardHistory history)
    {
        var entry = history.Entry;
        return new ShardRecord(
            entry.Cid, entry.ObjectId, entry.ChunkIndex, entry.ShardIndex, entry.Flags, entry.Sequence,
            entry.WrittenAtMs, entry.BodyBytes, history.ExpiresAtMs, history.State);
    }

    /// <summary>Reads and releases the log; from the page cache at once, from the disk on another thread.</summary>
    private ValueTask<int> ReadBodyAsync(
        LogFile log, in IndexEntry entry, int offset, Memory<byte> destination, bool verify, CancellationToken ct)
    {
        instruments.Read();
        if (!log.File.TryReadCached(destination.Span, entry.BodyOffset + offset, out _))
            return ReadFromDiskAsync(log, entry, offset, destination, verify, ct);
        if (verify && Crc32C.Compute(destination.Span) != entry.BodyCrc)
            return IsolateAsync(log, entry, null);
        log.Release();
        return new ValueTask<int>(destination.Length);
    }

    private async ValueTask<int> ReadFromDiskAsync(
        LogFile log, IndexEntry entry, int offset, Memory<byte> destination, bool verify, CancellationToken ct)
    {
        int read;
        try
        {
            read = await Task.Run(
                () => log.File.Read(destination.Span, entry.BodyOffset + offset), CancellationToken.None);
        }
        catch (IOException failure)
        {
            return await IsolateAsync(log, entry, failure);
        }

        if (read != destination.Length || (verify && Crc32C.Compute(destination.Span) != entry.BodyCrc))
            return await IsolateAsync(log, entry, null);
        log.Release();
        ct.ThrowIfCancellationRequested();
        return read;
    }

    private async ValueTask<int> IsolateAsync(LogFile log, IndexEntry entry, Exception? failure)
    {
        log.Release();
        await quarantine.IsolateAsync(log.Number, entry);
        throw new VolumeCorruptException(entry.Cid, $"The record of shard {entry.Cid} is damaged.", failure);
    }
}
