using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>A shard is not where its manifest says.</summary>
public sealed class ShardMissingException(string message) : IOException(message);

/// <summary>A shard is there but not what was stored.</summary>
public sealed class ShardDamagedException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>
/// A node did not answer, not in time, or with something that is no authentic answer; what it was asked to store may
/// be there or not. Another try may succeed.
/// </summary>
public sealed class ShardUnavailableException(string message, Exception? inner = null)
    : VolumeException(message, inner);
