namespace Vault.Storage.Volumes;

/// <summary>Whether a volume takes shards.</summary>
public enum VolumeState
{
    /// <summary>It does.</summary>
    Open,

    /// <summary>Only the reserve is left; deletes and reads go on.</summary>
    Full,

    /// <summary>No log can be written; reads go on.</summary>
    ReadOnly,
}

/// <summary>One look at a volume.</summary>
/// <param name="State">Whether it takes shards.</param>
/// <param name="Logs">Live log files.</param>
/// <param name="Records">Records of all types in them.</param>
/// <param name="AllocatedBytes">Bytes that the logs take on disk.</param>
/// <param name="DeadBytes">Bytes that compaction could free; an estimate.</param>
/// <param name="FreeBytes">Bytes that may still be allocated, reserve included.</param>
/// <param name="LastSequence">Sequence of the last durable record.</param>
/// <param name="MemoryBytes">Memory of maps and filters.</param>
public sealed record VolumeStats(
    VolumeState State, int Logs, long Records, long AllocatedBytes, long DeadBytes, long FreeBytes,
    ulong LastSequence, long MemoryBytes)
{
    internal static VolumeStats None { get; } = new(VolumeState.ReadOnly, 0, 0, 0, 0, 0, 0, 0);
}

/// <summary>What opening a volume found.</summary>
/// <param name="ReplayedLogs">Logs that were read because they had no index file.</param>
/// <param name="ReplayedRecords">Records in them.</param>
/// <param name="TornBytes">Bytes of unacknowledged records that were cut off.</param>
/// <param name="RebuiltIndexes">Index files that were missing or damaged.</param>
/// <param name="RebuiltManifest">The manifest was missing or damaged; it was made again from the logs.</param>
/// <param name="Damaged">Damage among acknowledged records, or in the last group; at most 1,000 are listed.</param>
public sealed record RecoveryReport(
    int ReplayedLogs, long ReplayedRecords, long TornBytes, int RebuiltIndexes, bool RebuiltManifest,
    IReadOnlyList<QuarantinedRecord> Damaged);
