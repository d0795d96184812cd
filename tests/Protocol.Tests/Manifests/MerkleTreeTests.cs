using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Manifests;

public sealed class MerkleTreeTests
{
    [Fact]
    public void Leaves_and_root_are_those_of_the_vectors()
    {
        var merkle = StorageVectors.Section("merkle");
        var expected = merkle.GetProperty("leaf_hashes").EnumerateArray().Select(leaf => leaf.GetString()!).ToArray();
        var leaves = new byte[expected.Length * MerkleTree.HashSize];
        var at = 0;
        foreach (var chunk in StorageVectors.Section("pipeline").GetProperty("chunks").EnumerateArray())
        {
            foreach (var shard in chunk.GetProperty("shards").EnumerateArray())
            {
                var leaf = leaves.AsSpan(at * MerkleTree.HashSize, MerkleTree.HashSize);
                MerkleTree.HashLeaf(
                    chunk.GetProperty("chunk_index").GetInt32(),
                    shard.GetProperty("shard_index").GetInt32(),
                    chunk.GetProperty("shard_len").GetInt32(),
                    Cid.FromBytes(shard.Bytes("cid")),
                    leaf);
                Assert.Equal(expected[at++], Convert.ToHexStringLower(leaf));
            }
        }

        Assert.Equal(merkle.Bytes("manifest_root"), MerkleTree.Root(leaves));
        Assert.Equal(merkle.Bytes("empty_root"), MerkleTree.Root([]));
    }
}
