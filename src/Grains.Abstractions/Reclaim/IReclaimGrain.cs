namespace Vault.Grains.Abstractions.Reclaim;

/// <summary>Deletes what nothing refers to any more (decisions §3.7). Key: 0.</summary>
[Alias("vault.reclaim"), GrainInterfaceType("vault.reclaim")]
public interface IReclaimGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A front end's oldest running read (Unix milliseconds of the database's clock; its own time when nothing runs).
    /// Every few seconds. Safe to repeat: an older one that arrives late only lets less be reclaimed until the next.
    /// </summary>
    [Alias("publish")]
    [Repeatable]
    Task PublishOldestReadAsync(string gatewayId, long oldestReadMs, CancellationToken cancellationToken);

    /// <summary>
    /// Runs one pass over dead manifests, orphans, expired uploads and idempotency records now. Safe to repeat: a
    /// second pass waits for the first, and reports only what was left to it.
    /// </summary>
    [Alias("run")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<ReclaimReport> RunAsync(CancellationToken cancellationToken);
}

/// <summary>What one pass did.</summary>
[GenerateSerializer, Immutable, Alias("vault.reclaim-report")]
public sealed record ReclaimReport
{
    /// <summary>Dead manifests whose shards were deleted.</summary>
    [Id(0)] public required long Manifests { get; init; }

    /// <summary>Shards deleted.</summary>
    [Id(1)] public required long Shards { get; init; }

    /// <summary>Shards that no manifest names, deleted after the orphan horizon.</summary>
    [Id(2)] public required long Orphans { get; init; }

    /// <summary>Uploads aborted because they were too old.</summary>
    [Id(3)] public required long Uploads { get; init; }
}
