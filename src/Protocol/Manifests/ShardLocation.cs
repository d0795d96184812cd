using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>One shard and where it was stored.</summary>
/// <param name="Cid">Content id.</param>
/// <param name="Volume">Number of the volume.</param>
/// <param name="Sequence">The volume's sequence number for this store.</param>
public readonly record struct ShardLocation(Cid Cid, uint Volume, ulong Sequence);
