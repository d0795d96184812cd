using Vault.Protocol.Manifests;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Manifests;

public sealed class ChunkSizingTests
{
    [Fact]
    public void Sizes_are_those_of_the_vectors()
    {
        var vector = StorageVectors.Section("chunk_sizing");
        var (k, m) = (vector.GetProperty("k").GetInt32(), vector.GetProperty("m").GetInt32());
        foreach (var row in vector.GetProperty("rows").EnumerateArray())
        {
            var total = row.GetProperty("total_bytes").GetInt64();
            var size = ChunkSizing.ForLength(total, k, m);
            Assert.Equal(row.GetProperty("chunk_size").GetInt32(), size);
            Assert.Equal(row.GetProperty("chunks").GetInt64(), ChunkSizing.ChunkCount(total, size));
        }
    }

    [Theory]
    [InlineData(0, 1, 0, 256 << 10)]
    [InlineData(64L << 20, 1, 0, 256 << 10)]
    [InlineData(1L << 30, 1, 0, 1 << 20)]
    [InlineData(5L << 40, 1, 0, 16 << 20)]
    [InlineData(5L << 40, 1, 2, 16 << 20)]
    [InlineData(5L << 40, 3, 1, 32 << 20)]
    [InlineData(5L << 40, 29, 51, 64 << 20)]
    public void No_shard_exceeds_the_wire_limit(long total, int k, int m, int expected) =>
        Assert.Equal(expected, ChunkSizing.ForLength(total, k, m));
}
