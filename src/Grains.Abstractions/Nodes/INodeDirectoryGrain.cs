using System.Collections.Immutable;

namespace Vault.Grains.Abstractions.Nodes;

/// <summary>
/// Which processes serve volumes, where, and whether they are there (key: 0). Told by heartbeats, on the grain's own
/// clock; what is durable is who registered with which volumes.
/// </summary>
[Alias("vault.node-directory"), GrainInterfaceType("vault.node-directory")]
public interface INodeDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A node has started. Volumes that another node had move with their disk; volumes that this name or endpoint
    /// served before and does not have any more are lost. Safe to repeat: the last registration holds, and a heartbeat
    /// that does not fit it asks its node to register again.
    /// </summary>
    [Alias("register")]
    [Repeatable]
    Task<NodeStatus> RegisterAsync(NodeRegistration node, CancellationToken cancellationToken);

    /// <summary>
    /// A node lives: every second, with a counter that rises. <see cref="NodeStatus.Unknown"/> asks it to register.
    /// Safe to repeat: the same counter is no new sign of life, and the next beat says all anew.
    /// </summary>
    [Alias("beat")]
    [Repeatable]
    Task<NodeStatus> BeatAsync(NodeBeat beat, CancellationToken cancellationToken);

    /// <summary>
    /// A node ends in good order: it counts as away at once. Safe to repeat: one that has come back is there again with
    /// its next heartbeat.
    /// </summary>
    [Alias("leave")]
    [Repeatable]
    Task LeaveAsync(Guid nodeId, CancellationToken cancellationToken);

    /// <summary>All nodes, or null when the caller has this epoch already. A read: repeat at will.</summary>
    [Alias("list")]
    [Repeatable]
    Task<NodeListing?> ListAsync(long knownEpoch, CancellationToken cancellationToken);
}

/// <summary>How the directory answers a node.</summary>
[GenerateSerializer, Alias("vault.node-status")]
public enum NodeStatus
{
    /// <summary>Known.</summary>
    Ok = 0,

    /// <summary>Not registered, or with other volumes: register.</summary>
    Unknown = 1,

    /// <summary>A volume number is another volume's: two directories were made with one number.</summary>
    NumberTaken = 2,
}

/// <summary>What a node says of itself.</summary>
[GenerateSerializer, Immutable, Alias("vault.node-registration")]
public sealed record NodeRegistration
{
    /// <summary>Kept in the node's data directory.</summary>
    [Id(0)] public required Guid NodeId { get; init; }

    /// <summary>Failure domain, 1 to 255 characters.</summary>
    [Id(1)] public required string Host { get; init; }

    /// <summary>Where its shard endpoints are reached, <c>host:port</c>, at most 255 characters.</summary>
    [Id(2)] public required string Endpoint { get; init; }

    /// <summary>Its volumes, at most 64.</summary>
    [Id(3)] public required ImmutableArray<VolumeReport> Volumes { get; init; }

    /// <summary>What stays when its disk is replaced and its address changes, at most 255 characters; may be empty.
    /// Machine name and port serve: of a StatefulSet's pod they are kept.</summary>
    [Id(4)] public string Name { get; init; } = "";
}

/// <summary>One volume as its node sees it.</summary>
[GenerateSerializer, Immutable, Alias("vault.volume-report")]
public sealed record VolumeReport
{
    /// <summary>Its number, not 0.</summary>
    [Id(0)] public required uint Number { get; init; }

    /// <summary>Made with the volume.</summary>
    [Id(1)] public required Guid VolumeId { get; init; }

    /// <summary>Bytes that its logs may take in all.</summary>
    [Id(2)] public required long CapacityBytes { get; init; }

    /// <summary>Bytes that may still be allocated.</summary>
    [Id(3)] public required long FreeBytes { get; init; }

    /// <summary>Whether it takes shards.</summary>
    [Id(4)] public required bool Writable { get; init; }
}

/// <summary>A heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("vault.node-beat")]
public sealed record NodeBeat
{
    /// <summary>Who.</summary>
    [Id(0)] public required Guid NodeId { get; init; }

    /// <summary>Rises with every beat of one process; another process of the node may begin anywhere.</summary>
    [Id(1)] public required long Counter { get; init; }

    /// <summary>Its volumes now.</summary>
    [Id(2)] public required ImmutableArray<VolumeReport> Volumes { get; init; }
}

/// <summary>All nodes at one moment.</summary>
[GenerateSerializer, Immutable, Alias("vault.node-listing")]
public sealed record NodeListing
{
    /// <summary>Another epoch, another listing.</summary>
    [Id(0)] public required long Epoch { get; init; }

    /// <summary>The nodes.</summary>
    [Id(1)] public required ImmutableArray<NodeEntry> Nodes { get; init; }
}

/// <summary>One node.</summary>
[GenerateSerializer, Immutable, Alias("vault.node-entry")]
public sealed record NodeEntry
{
    /// <summary>Who.</summary>
    [Id(0)] public required Guid NodeId { get; init; }

    /// <summary>Failure domain.</summary>
    [Id(1)] public required string Host { get; init; }

    /// <summary>Where.</summary>
    [Id(2)] public required string Endpoint { get; init; }

    /// <summary>Whether its heartbeats arrive.</summary>
    [Id(3)] public required bool Up { get; init; }

    /// <summary>Its volumes, lost ones too.</summary>
    [Id(4)] public required ImmutableArray<VolumeEntry> Volumes { get; init; }
}

/// <summary>One volume.</summary>
[GenerateSerializer, Immutable, Alias("vault.volume-entry")]
public sealed record VolumeEntry
{
    /// <summary>Its number.</summary>
    [Id(0)] public required uint Number { get; init; }

    /// <summary>Whether it took shards when last heard of.</summary>
    [Id(1)] public required bool Writable { get; init; }

    /// <summary>Its shards are given up and made again elsewhere.</summary>
    [Id(2)] public required bool Lost { get; init; }

    /// <summary>Bytes that may still be allocated, as last heard.</summary>
    [Id(3)] public required long FreeBytes { get; init; }
}
