namespace Vault.Storage.Shards;

/// <summary>A shard is not where its manifest says.</summary>
public sealed class ShardMissingException(string message) : IOException(message);

/// <summary>A shard is there but not what was stored.</summary>
public sealed class ShardDamagedException(string message, Exception? inner = null) : IOException(message, inner);
