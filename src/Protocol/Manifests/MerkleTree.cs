using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>The RFC 6962 tree shape over the shards of a manifest; no leaf is ever duplicated.</summary>
/// <remarks>docs/spec/manifests.md, section 3.</remarks>
public static class MerkleTree
{
    /// <summary>Bytes in a hash.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>The root over all shards of <paramref name="manifest"/>.</summary>
    public static byte[] Root(BodyManifest manifest)
    {
        var leaves = new byte[manifest.Shards.Length * HashSize];
        for (var (chunk, at) = (0, 0); chunk < manifest.ChunkCount; chunk++)
        {
            var shards = manifest.ShardsOf(chunk);
            for (var shard = 0; shard < shards.Length; shard++, at += HashSize)
            {
                HashLeaf(chunk, shard, manifest.ShardBytes(chunk), shards[shard].Cid, leaves.AsSpan(at, HashSize));
            }
        }

        return Root(leaves);
    }

    /// <summary>The hash of one shard's leaf.</summary>
    public static void HashLeaf(int chunkIndex, int shardIndex, int shardBytes, Cid cid, Span<byte> hash)
    {
        Span<byte> leaf = stackalloc byte[1 + 4 + 2 + 4 + Cid.Size];
        leaf[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(leaf[1..], (uint)chunkIndex);
        BinaryPrimitives.WriteUInt16BigEndian(leaf[5..], (ushort)shardIndex);
        BinaryPrimitives.WriteUInt32BigEndian(leaf[7..], (uint)shardBytes);
        cid.WriteTo(leaf[11..]);
        SHA256.HashData(leaf, hash);
    }

    /// <summary>The root over concatenated leaf hashes; SHA-256 of nothing when there are none.</summary>
    public static byte[] Root(ReadOnlySpan<byte> leafHashes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(leafHashes.Length % HashSize, 0, nameof(leafHashes));
        if (leafHashes.IsEmpty)
        {
            return SHA256.HashData([]);
        }

        var root = new byte[HashSize];
        HashTree(leafHashes, root);
        return root;
    }

    private static void HashTree(ReadOnlySpan<byte> leafHashes, Span<byte> hash)
    {
        var count = leafHashes.Length / HashSize;
        if (count == 1)
        {
            leafHashes.CopyTo(hash);
            return;
        }

        var split = (int)(BitOperations.RoundUpToPowerOf2((uint)count) / 2) * HashSize;
        Span<byte> node = stackalloc byte[1 + 2 * HashSize];
        node[0] = 1;
        HashTree(leafHashes[..split], node[1..]);
        HashTree(leafHashes[split..], node[(1 + HashSize)..]);
        SHA256.HashData(node, hash);
    }
}
