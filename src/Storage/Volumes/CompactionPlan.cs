namespace Vault.Storage.Volumes;

/// <summary>Chooses neighbouring sealed logs that are worth writing again as one.</summary>
internal static class CompactionPlan
{
    /// <summary>From this many small neighbours on, they are merged even when nothing in them is dead.</summary>
    internal const int SmallRun = 4;

    /// <param name="logs">In order of sequence.</param>
    /// <param name="options">Log size and threshold.</param>
    /// <param name="pressed">The volume is full: the log that frees most is taken, whatever its share.</param>
    /// <returns>First log and count; a count of 0 when there is nothing to do.</returns>
    public static (int First, int Count) Choose(ReadOnlySpan<LogFile> logs, VolumeOptions options, bool pressed)
    {
        var (best, bestDead) = (-1, 0L);
        for (var i = 0; i < logs.Length; i++)
        {
            if (!logs[i].Sealed)
                continue;
            var dead = Dead(logs, i);
            var enough = pressed
                ? dead > 0
                : dead * 100 >= (logs[i].End - LogHeader.Bytes) * options.CompactionDeadPercent;
            if ((enough || logs[i].RewriteWanted) && dead >= bestDead)
                (best, bestDead) = (i, dead);
        }

        return best >= 0 ? Extend(logs, best, options) : FindSmallRun(logs, options);
    }

    private static long Dead(ReadOnlySpan<LogFile> logs, int i)
    {
        // Nothing is older than the first log: few of its control records are needed.
        var dead = logs[i].DeadBytes + (i == 0 && !logs[i].ControlIsNeeded ? logs[i].ControlBytes : 0);
        return Math.Min(dead, logs[i].End - LogHeader.Bytes);
    }

    private static long Live(ReadOnlySpan<LogFile> logs, int i) => logs[i].End - LogHeader.Bytes - Dead(logs, i);

    private static (int First, int Count) Extend(ReadOnlySpan<LogFile> logs, int start, VolumeOptions options)
    {
        var (first, last) = (start, start);
        var live = Live(logs, start);
        while (last + 1 < logs.Length && Joins(logs, last + 1, live, options))
            live += Live(logs, ++last);
        while (first > 0 && Joins(logs, first - 1, live, options))
            live += Live(logs, --first);
        return (first, last - first + 1);
    }

    private static bool Joins(ReadOnlySpan<LogFile> logs, int i, long live, VolumeOptions options) =>
        logs[i].Sealed
        && live + Live(logs, i) <= options.LogBytes - LogHeader.Bytes
        && (Dead(logs, i) * 200 >= logs[i].End * options.CompactionDeadPercent || logs[i].End <= options.LogBytes / 4);

    private static (int First, int Count) FindSmallRun(ReadOnlySpan<LogFile> logs, VolumeOptions options)
    {
        for (int first = 0, count; first < logs.Length; first += Math.Max(1, count))
        {
            var live = 0L;
            var records = 0;
            for (count = 0; first + count < logs.Length; count++)
            {
                var log = logs[first + count];
                live += log.End;
                records += log.Index.Count;
                if (!log.Sealed || log.End > options.LogBytes / 4 || live > options.LogBytes || records > 1 << 20)
                    break;
            }

            if (count >= SmallRun)
                return (first, count);
        }

        return default;
    }
}
