using System.Collections.Immutable;

namespace Vault.Storage.Shards;

/// <summary>One process that serves volumes, as the node directory knows it.</summary>
public sealed record ShardNode
{
    /// <summary>Made with the node's data directory.</summary>
    public required Guid Id { get; init; }

    /// <summary>Failure domain: two shards of a chunk never lie on one host.</summary>
    public required string Host { get; init; }

    /// <summary>Where its shard endpoints listen, <c>host:port</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Whether its heartbeats arrive.</summary>
    public required bool Up { get; init; }

    /// <summary>Its volumes, lost ones too.</summary>
    public required ImmutableArray<ShardVolume> Volumes { get; init; }
}
