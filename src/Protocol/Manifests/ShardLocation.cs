using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>One shard and where it was stored.</summary>
/// <param name="Cid">Content id.</param>
/// <param name="Volume">Number of the volume; 0: nowhere, repair makes it.</param>
/// <param name="Sequence">The volume's sequence number for this store.</param>
public readonly record struct ShardLocation(Cid Cid, uint Volume, ulong Sequence)
{
    /// <summary>No volume has it.</summary>
    public bool IsAbsent => Volume == 0;

    /// <summary>A shard that was made and is stored nowhere.</summary>
    public static ShardLocation Absent(Cid cid) => new(cid, 0, 0);
}
