using System.Buffers;

namespace Vault.Storage.Volumes;

/// <summary>Reads sealed logs and their indexes in full, at leisure, and compares every checksum.</summary>
internal sealed class Scrubber(
    LogCatalog catalog, Quarantine quarantine, VolumeInstruments instruments, TimeProvider time)
{
    private const int Batch = 256;

    /// <summary>Sealed logs that were last scrubbed at or before a time, longest ago first.</summary>
    public LogFile[] Due(DateTimeOffset before)
    {
        var limit = before.ToUnixTimeMilliseconds();
        var due = Array.FindAll(catalog.Logs, log => log.Sealed && log.ScrubbedAtMs <= limit);
        Array.Sort(due, static (a, b) => a.ScrubbedAtMs.CompareTo(b.ScrubbedAtMs));
        return due;
    }

    /// <summary>Returns how many damaged records were quarantined.</summary>
    /// <exception cref="IndexDamagedException">The index has to be made again first.</exception>
    public async Task<int> ScrubAsync(LogFile log, IoBudget? budget, CancellationToken ct)
    {
        if (!log.TryAcquire())
            return 0;
        var entries = ArrayPool<IndexEntry>.Shared.Rent(Batch);
        try
        {
            var index = (SealedIndex)log.Index;
            index.Verify();
            var (after, damaged) = (0UL, 0);
            while (index.ReadAfter(after, entries.AsSpan(0, Batch)) is var count and > 0)
            {
                for (var i = 0; i < count; i++)
                    damaged += await CheckAsync(log, entries[i], budget, ct) ? 0 : 1;
                after = entries[count - 1].Sequence;
            }

            log.ScrubbedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            return damaged;
        }
        catch (IndexDamagedException damaged)
        {
            damaged.Log = log;
            throw;
        }
        finally
        {
            ArrayPool<IndexEntry>.Shared.Return(entries);
            log.Release();
        }
    }

    private async ValueTask<bool> CheckAsync(LogFile log, IndexEntry entry, IoBudget? budget, CancellationToken ct)
    {
        if (budget is not null)
            await budget.SpendAsync(entry.TotalBytes, ct);
        ct.ThrowIfCancellationRequested();
        instruments.Scrubbed(entry.TotalBytes);
        if (!BodyCheck.HeaderIsWhole(log, entry))
            log.RewriteWanted = true; // the index still has all of it: compaction writes a good header
        if (BodyCheck.IsWhole(log.File, entry) || IsGone(entry))
            return true;
        await quarantine.IsolateAsync(log.Number, entry);
        return false;
    }

    /// <summary>Deleted or quarantined already: damage there is of no interest.</summary>
    private bool IsGone(in IndexEntry entry)
    {
        Span<IndexEntry> stack = stackalloc IndexEntry[2 * ShardHistory.StackEntries];
        using var history = new ShardHistory(catalog.Logs, entry.Cid, stack);
        while (history.MoveNext(entry.Sequence))
        {
            if (history.Entry.Sequence == entry.Sequence)
                return history.State == ShardState.Quarantined;
        }

        return !history.LostRace;
    }
}
