using System.Buffers;
using Microsoft.Extensions.Logging;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// Writes neighbouring sealed logs again without what is dead and replaces them by one replacement of the manifest.
/// Only neighbours are merged, so logs keep disjoint ranges of sequence. A control record is dropped only when no
/// older log, and no record kept here, can be of its CID.
/// </summary>
internal sealed partial class Compactor(
    LogCatalog catalog, VolumeOptions options, SpaceGuard space, Quarantine quarantine, VolumeInstruments instruments,
    ILogger<Volume> logger)
{
    private const int Batch = 256;

    /// <summary>One compaction, if one is due; false otherwise.</summary>
    public async Task<bool> RunOnceAsync(bool pressed, IoBudget? budget, CancellationToken ct)
    {
        var logs = catalog.Logs;
        var (first, count) = CompactionPlan.Choose(logs, options, pressed);
        if (count == 0 || space.FreeBytes < options.LogBytes)
            return false;
        var chosen = logs[first..(first + count)];
        var held = 0;
        try
        {
            for (; held < chosen.Length; held++)
            {
                if (!chosen[held].TryAcquire())
                    return false;
            }

            using var output = new CompactedLog(catalog);
            Dictionary<Cid, ulong> kept = [];
            foreach (var log in chosen)
                await CopyAsync(log, logs[..first], output, kept, budget, ct);
            Replace(chosen, output.Finish(), oldest: first == 0);
            return true;
        }
        finally
        {
            while (held > 0)
                chosen[--held].Release();
        }
    }

    private async Task CopyAsync(
        LogFile log, LogFile[] older, CompactedLog output, Dictionary<Cid, ulong> kept, IoBudget? budget,
        CancellationToken ct)
    {
        var entries = ArrayPool<IndexEntry>.Shared.Rent(Batch);
        try
        {
            var after = 0UL;
            while (ReadBatch(log, after, entries.AsSpan(0, Batch)) is var count and > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    if (entries[i].Type == RecordType.Shard && IsServed(entries[i]))
                    {
                        if (budget is not null)
                            await budget.SpendAsync(entries[i].TotalBytes, ct);
                        CopyShard(log, entries[i], output, kept);
                    }
                    else if (entries[i].Type != RecordType.Shard && IsNeeded(entries[i], older, kept))
                    {
                        output.Add(entries[i], default);
                    }
                }

                ct.ThrowIfCancellationRequested();
                after = entries[count - 1].Sequence;
            }
        }
        finally
        {
            ArrayPool<IndexEntry>.Shared.Return(entries);
        }
    }

    private static int ReadBatch(LogFile log, ulong after, Span<IndexEntry> entries)
    {
        try
        {
            return log.Index.ReadAfter(after, entries);
        }
        catch (IndexDamagedException damaged)
        {
            damaged.Log = log;
            throw;
        }
    }

    /// <summary>Whether the shard is live or in the trash.</summary>
    private bool IsServed(in IndexEntry entry)
    {
        Span<IndexEntry> stack = stackalloc IndexEntry[2 * ShardHistory.StackEntries];
        while (true)
        {
            using var history = new ShardHistory(catalog.Logs, entry.Cid, stack);
            while (history.MoveNext(entry.Sequence))
            {
                if (history.Entry.Sequence == entry.Sequence)
                    return history.State != ShardState.Quarantined;
            }

            if (history.LostRace)
                continue;
            history.TombstoneLog?.AddDead(RecordHeader.Bytes);
            return false;
        }
    }

    private static bool IsNeeded(in IndexEntry control, LogFile[] older, Dictionary<Cid, ulong> kept)
    {
        if (kept.TryGetValue(control.Cid, out var oldestKept) && oldestKept <= control.Target)
            return true;
        foreach (var log in older)
        {
            if (log.Index.MayContain(control.Cid))
                return true;
        }

        return false;
    }

    private void CopyShard(LogFile log, in IndexEntry entry, CompactedLog output, Dictionary<Cid, ulong> kept)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(entry.BodyBytes);
        try
        {
            var body = buffer.AsSpan(0, entry.BodyBytes);
            if (BodyCheck.TryRead(log.File, entry, body))
            {
                output.Add(entry, body);
                kept.TryAdd(entry.Cid, entry.Sequence);
                return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        quarantine.Report(new QuarantinedRecord(
            entry.Cid, entry.ObjectId, entry.Sequence, log.Number, entry.Offset, entry.TotalBytes));
    }

    private void Replace(LogFile[] chosen, LogFile? output, bool oldest)
    {
        var before = chosen.Sum(static log => log.End);
        var at = chosen[0];
        if (output is not null)
        {
            output.ScrubbedAtMs = chosen.Min(static log => log.ScrubbedAtMs);
            output.ControlIsNeeded = oldest;
        }

        catalog.Publish(logs =>
        {
            var first = Array.IndexOf(logs, at);
            return [.. logs[..first], .. output is null ? [] : new[] { output }, .. logs[(first + chosen.Length)..]];
        });
        foreach (var log in chosen)
            log.Retire();
        var freed = before - (output?.End ?? 0);
        instruments.Compacted(freed);
        space.Refresh();
        LogCompacted(catalog.Volume, chosen.Length, freed);
    }

    [LoggerMessage(EventId = 3006, Level = LogLevel.Information,
        Message = "Volume {Volume} compacted {Logs} logs and freed {Bytes} bytes")]
    private partial void LogCompacted(uint volume, int logs, long bytes);
}
