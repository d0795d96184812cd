using Microsoft.Extensions.Logging;

namespace Vault.Storage.Volumes;

/// <summary>Gives closed logs their index files, oldest first, and makes damaged index files again.</summary>
internal sealed partial class Sealer(
    LogCatalog catalog, VolumeInstruments instruments, ILogger<Volume> logger)
{
    private readonly Lock _lock = new();

    /// <summary>Closed logs that live in memory still.</summary>
    public int Waiting
    {
        get
        {
            var waiting = 0;
            foreach (var log in catalog.Logs)
            {
                if (log.Closed && !log.Sealed)
                    waiting++;
            }

            return waiting;
        }
    }

    /// <summary>
    /// Seals every closed log. Oldest first, so that the logs without an index are always the newest.
    /// </summary>
    public void SealClosed()
    {
        lock (_lock)
        {
            foreach (var log in catalog.Logs)
            {
                if (log.Sealed || !log.Closed)
                    continue;
                if (log.Index.Count == 0)
                    Drop(log);
                else
                    Seal(log);
            }
        }
    }

    /// <summary>Reads the log again and replaces its index; returns the damage found among its records.</summary>
    public IReadOnlyList<QuarantinedRecord> Rebuild(LogFile log, ILogIndex damaged)
    {
        lock (_lock)
        {
            if (log.Index != damaged || !log.TryAcquire())
                return [];
            try
            {
                var replay = LogReplay.Read(log, log.End);
                catalog.Seal(log, replay.Entries.ToArray());
                instruments.IndexRebuilt();
                LogRebuilt(catalog.Volume, log.Number, replay.Entries.Count);
                return replay.Damage;
            }
            finally
            {
                log.Release();
            }
        }
    }

    private void Seal(LogFile log)
    {
        try
        {
            log.File.SetLength(log.End);
        }
        catch (IOException failure)
        {
            // A log that failed to sync may refuse this too; its preallocated rest stays until compaction.
            LogNotCut(failure, catalog.Volume, log.Number);
        }

        catalog.Seal(log, ((ActiveIndex)log.Index).ToArray());
        LogSealed(catalog.Volume, log.Number, log.Index.Count, log.End);
    }

    private void Drop(LogFile log)
    {
        catalog.Publish(logs => Array.FindAll(logs, other => other != log));
        log.Retire();
    }

    [LoggerMessage(EventId = 3003, Level = LogLevel.Debug,
        Message = "Volume {Volume} sealed log {Log}: {Records} records, {Bytes} bytes")]
    private partial void LogSealed(uint volume, ulong log, int records, long bytes);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Volume {Volume} could not cut log {Log}")]
    private partial void LogNotCut(Exception failure, uint volume, ulong log);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning,
        Message = "Volume {Volume} rebuilt the index of log {Log}: {Records} records")]
    private partial void LogRebuilt(uint volume, ulong log, int records);
}
