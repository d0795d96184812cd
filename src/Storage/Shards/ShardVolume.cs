namespace Vault.Storage.Shards;

/// <summary>One volume of a cluster, as the node directory knows it.</summary>
public sealed record ShardVolume
{
    /// <summary>The number that manifests name it by, unique in the cluster; never 0.</summary>
    public required uint Number { get; init; }

    /// <summary>Whether it took shards when its node last reported.</summary>
    public required bool Writable { get; init; }

    /// <summary>Its shards are given up: the disk was replaced, or its node stayed away too long.</summary>
    public bool Lost { get; init; }

    /// <summary>Share of the shards it should get, 1 to 10,000.</summary>
    public int Weight { get; init; } = 100;
}
