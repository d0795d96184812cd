using Microsoft.Extensions.Logging;

namespace Vault.Storage.Volumes;

/// <summary>
/// Takes damaged records out of service: a record in the log for ever, an event for repair, a line in the log.
/// </summary>
internal sealed partial class Quarantine(
    uint volume, VolumeInstruments instruments, ILogger<Volume> logger, Func<RecordHeader, Task> append)
{
    /// <summary>Told of each damaged record; must not block.</summary>
    public Action<QuarantinedRecord>? Reported;

    /// <summary>Stops serving one record.</summary>
    public Task IsolateAsync(ulong log, in IndexEntry entry)
    {
        Report(new QuarantinedRecord(
            entry.Cid, entry.ObjectId, entry.Sequence, log, entry.Offset, entry.TotalBytes));
        return append(MarkFor(entry));
    }

    public static RecordHeader MarkFor(in IndexEntry entry) => new()
    {
        Type = RecordType.Quarantine,
        Cid = entry.Cid,
        ObjectId = entry.ObjectId,
        ChunkIndex = entry.ChunkIndex,
        ShardIndex = entry.ShardIndex,
        Target = entry.Sequence,
    };

    /// <summary>Tells of damage without a record to stop serving.</summary>
    public void Report(in QuarantinedRecord record)
    {
        instruments.Quarantined();
        LogDamage(
            volume, record.Log, record.Offset, record.Bytes, record.Cid?.ToString() ?? "unknown", record.Sequence);
        Reported?.Invoke(record);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Error,
        Message = "Volume {Volume}, log {Log}: {Bytes} damaged bytes at {Offset}, shard {Cid}, sequence {Sequence}")]
    private partial void LogDamage(uint volume, ulong log, long offset, long bytes, string cid, ulong sequence);
}
