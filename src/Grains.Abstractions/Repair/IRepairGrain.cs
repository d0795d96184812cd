using System.Collections.Immutable;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Repair;

/// <summary>
/// Makes missing, damaged and lost shards again, from any k others, without any key. Key: 0. What is due is in a table,
/// so that a pass that is missed, doubled or cut short does no harm.
/// </summary>
[Alias("vault.repair"), GrainInterfaceType("vault.repair")]
public interface IRepairGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Bodies (at most 1,024) of which a shard was found missing or damaged. Safe to repeat: a body that was repaired
    /// meanwhile is looked at once more and found whole.
    /// </summary>
    [Alias("report")]
    [Repeatable]
    Task ReportAsync(ImmutableArray<ObjectId> objects, CancellationToken cancellationToken);

    /// <summary>Looks for work now: the nodes have changed. Safe to repeat: being active is all that it does.</summary>
    [Alias("wake")]
    [Repeatable]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Works until nothing is due. Safe to repeat: a second pass waits for the first and finds nothing left; counts are
    /// those of the activation, so they are not lost with the first answer.
    /// </summary>
    [Alias("run")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<RepairProgress> RunAsync(CancellationToken cancellationToken);

    /// <summary>How far it is. A read: repeat at will.</summary>
    [Alias("progress")]
    [Repeatable]
    Task<RepairProgress> ProgressAsync(CancellationToken cancellationToken);
}

/// <summary>How far repair is; counts are this activation's.</summary>
[GenerateSerializer, Immutable, Alias("vault.repair-progress")]
public sealed record RepairProgress
{
    /// <summary>Bodies that wait.</summary>
    [Id(0)] public required long Pending { get; init; }

    /// <summary>Lost volumes for whose bodies the search is not done.</summary>
    [Id(1)] public required long Searching { get; init; }

    /// <summary>Shards made again.</summary>
    [Id(2)] public required long Rebuilt { get; init; }

    /// <summary>Their bytes.</summary>
    [Id(3)] public required long RebuiltBytes { get; init; }

    /// <summary>Attempts that left a body as it was.</summary>
    [Id(4)] public required long Failures { get; init; }
}
