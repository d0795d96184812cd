using System.Security.Cryptography;

namespace Vault.Storage.Shards;

/// <summary>What both ends of a session share; each request has its own counter.</summary>
internal sealed class ShardSession(UInt128 id, byte[] key)
{
    private ulong _counter;

    public UInt128 Id { get; } = id;

    public ReadOnlySpan<byte> Key => key;

    /// <summary>At the server: which counters came.</summary>
    public CounterWindow Window { get; } = new();

    /// <summary>At the server: whether a request proved that the client has the key too.</summary>
    public bool Confirmed { get; set; }

    /// <summary>At the client: the next request's counter.</summary>
    public ulong Next() => Interlocked.Increment(ref _counter);

    /// <summary>Compares in constant time.</summary>
    public static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        CryptographicOperations.FixedTimeEquals(left, right);
}
