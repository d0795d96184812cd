namespace Vault.Storage.Shards;

/// <summary>How many shards a chunk becomes.</summary>
/// <param name="DataShards">k: any k of them bring the chunk back.</param>
/// <param name="ParityShards">m: how many may be lost.</param>
public readonly record struct StorageProfile(int DataShards, int ParityShards)
{
    /// <summary>One shard: as safe as its disk.</summary>
    public static StorageProfile Alone { get; } = new(1, 0);

    /// <summary>Three copies, for 3 to 5 hosts.</summary>
    public static StorageProfile Trio { get; } = new(1, 2);

    /// <summary>Six shards of which four are needed, from 6 hosts.</summary>
    public static StorageProfile Balanced { get; } = new(4, 2);

    /// <summary>k + m.</summary>
    public int Shards => DataShards + ParityShards;

    /// <summary>Fewest shards that make a write: one host more than needed may then be lost.</summary>
    public int Enough => Math.Min(DataShards + 1, Shards);

    /// <summary>Bytes of memory that a payload takes while it is stored; copies share theirs.</summary>
    public int BufferBytes(int payloadBytes) =>
        DataShards == 1 ? payloadBytes : (payloadBytes + DataShards - 1) / DataShards * Shards;

    /// <summary>The profile of a setting; <c>auto</c> goes by the number of hosts.</summary>
    public static StorageProfile Of(string setting, int hosts) => setting switch
    {
        "single" => Alone,
        "trio" => Trio,
        "balanced" => Balanced,
        _ => hosts >= 6 ? Balanced : hosts >= 3 ? Trio : Alone,
    };
}
