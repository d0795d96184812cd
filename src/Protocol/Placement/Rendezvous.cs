using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Vault.Protocol.Placement;

/// <summary>
/// Weighted rendezvous hashing in whole numbers: each node's share is proportional to its weight, and a node that comes
/// or goes moves only its own share.
/// </summary>
/// <remarks>docs/spec/shards.md, section 5.</remarks>
public static class Rendezvous
{
    private const int MaxKey = 64;

    /// <summary>−log2 of the hash of key and node, in Q32.32: the smaller, the better.</summary>
    /// <param name="key">What is placed, at most 64 bytes.</param>
    /// <param name="node">The node's identity, at most 64 bytes.</param>
    public static ulong Distance(ReadOnlySpan<byte> key, ReadOnlySpan<byte> node)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, MaxKey, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(node.Length, MaxKey, nameof(node));
        Span<byte> text = stackalloc byte[9 + 2 * MaxKey];
        "snp1-hrw\0"u8.CopyTo(text);
        key.CopyTo(text[9..]);
        node.CopyTo(text[(9 + key.Length)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..(9 + key.Length + node.Length)], hash);
        return NegativeLog2(BinaryPrimitives.ReadUInt64BigEndian(hash) | 1);
    }

    /// <summary>Whether a node comes before another: weight over distance is greater.</summary>
    public static bool Precedes(int weight, ulong distance, int otherWeight, ulong otherDistance) =>
        (UInt128)(uint)weight * otherDistance > (UInt128)(uint)otherWeight * distance;

    internal static ulong NegativeLog2(ulong x)
    {
        var power = BitOperations.Log2(x);
        var mantissa = (UInt128)x << (63 - power);
        ulong fraction = 0;
        for (var i = 0; i < 32; i++)
        {
            mantissa = mantissa * mantissa >> 63;
            fraction <<= 1;
            if (mantissa >> 64 == 0) continue;
            fraction |= 1;
            mantissa >>= 1;
        }

        return (64UL << 32) - (((ulong)power << 32) | fraction);
    }
}
