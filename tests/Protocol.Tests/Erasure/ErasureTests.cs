using System.Text.Json;
using Vault.Protocol.Erasure;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Erasure;

public sealed class ErasureTests
{
    private static readonly JsonElement Pipeline = StorageVectors.Section("pipeline");

    [Fact]
    public void Field_multiplies_as_long_hand()
    {
        for (var a = 0; a < 256; a++)
        {
            for (var b = 0; b < 256; b++)
            {
                var product = GaloisField.Multiply((byte)a, (byte)b);
                Assert.Equal(LongHand(a, b), product);
                if (b != 0)
                {
                    Assert.Equal(a, GaloisField.Divide(product, (byte)b));
                }
            }
        }
    }

    [Theory]
    [InlineData("rs_parity_rows_4_2", 4, 2)]
    [InlineData("rs_parity_rows_5_3", 5, 3)]
    public void Parity_rows_are_those_of_the_vectors(string name, int k, int m)
    {
        var codec = new ErasureCodec(k, m);
        var rows = Pipeline.GetProperty(name).EnumerateArray().Select(Numbers).ToArray();
        Assert.Equal(rows, Enumerable.Range(0, m).Select(codec.ParityRow).ToArray());
    }

    [Fact]
    public void Published_five_plus_five_example_encodes()
    {
        var example = Pipeline.GetProperty("rs_published_check_5_5");
        byte[] data = [.. example.GetProperty("data").EnumerateArray().SelectMany(Numbers)];
        byte[] parity = [.. example.GetProperty("parity").EnumerateArray().SelectMany(Numbers)];
        byte[] shards = [.. data, .. new byte[parity.Length]];
        new ErasureCodec(5, 5).Encode(shards, 2);
        Assert.Equal([.. data, .. parity], shards);
    }

    [Fact]
    public void Shards_of_the_pipeline_vectors_encode_and_any_four_of_six_decode()
    {
        var codec = new ErasureCodec(4, 2);
        foreach (var chunk in Pipeline.GetProperty("chunks").EnumerateArray())
        {
            var payload = chunk.Bytes("payload");
            var bytes = codec.ShardBytes(payload.Length);
            Assert.Equal(chunk.GetProperty("shard_len").GetInt32(), bytes);
            var shards = new byte[6 * bytes];
            payload.CopyTo(shards, 0);
            codec.Encode(shards, bytes);
            byte[] expected =
                [.. chunk.GetProperty("shards").EnumerateArray().SelectMany(shard => shard.Bytes("bytes"))];
            Assert.Equal(expected, shards);
            foreach (var mask in Enumerable.Range(0, 64).Where(mask => int.PopCount(mask) >= 4))
            {
                Assert.Equal(expected, Reconstruct(codec, expected, bytes, mask));
            }
        }
    }

    [Fact]
    public void All_paths_agree_at_every_length()
    {
        var random = new Random(1);
        foreach (var (k, m) in new[] { (1, 0), (1, 2), (2, 1), (3, 1), (4, 2), (5, 3), (16, 6), (29, 51) })
        {
            var codecs = Paths().Select(path => new ErasureCodec(k, m, path)).ToArray();
            foreach (var bytes in Enumerable.Range(0, 140).Append(1000).Append(4097))
            {
                var data = new byte[(k + m) * bytes];
                random.NextBytes(data);
                var encoded = codecs.Select(codec => Encode(codec, data, bytes)).ToArray();
                Assert.All(encoded, shards => Assert.Equal(encoded[0], shards));
            }
        }
    }

    [Fact]
    public void Any_k_shards_bring_back_the_rest()
    {
        var random = new Random(2);
        foreach (var path in Paths())
        {
            foreach (var (k, m) in new[] { (1, 2), (3, 1), (4, 4), (16, 6), (29, 51) })
            {
                var codec = new ErasureCodec(k, m, path);
                var shards = new byte[(k + m) * 257];
                random.NextBytes(shards);
                codec.Encode(shards, 257);
                for (var round = 0; round < 20; round++)
                {
                    var lost = Enumerable.Range(0, k + m).OrderBy(_ => random.Next()).Take(m).ToHashSet();
                    var present = Enumerable.Range(0, k + m).Select(shard => !lost.Contains(shard)).ToArray();
                    var damaged = (byte[])shards.Clone();
                    foreach (var shard in lost)
                    {
                        random.NextBytes(damaged.AsSpan(shard * 257, 257));
                    }

                    Assert.True(codec.TryReconstruct(damaged, 257, present));
                    Assert.Equal(shards, damaged);
                }
            }
        }
    }

    [Fact]
    public void One_data_shard_makes_copies()
    {
        byte[] shards = [1, 2, 3, 0, 0, 0, 0, 0, 0];
        new ErasureCodec(1, 2).Encode(shards, 3);
        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2, 3], shards);
    }

    [Fact]
    public void Fewer_than_k_shards_change_nothing()
    {
        var codec = new ErasureCodec(4, 2);
        var shards = Enumerable.Range(0, 60).Select(i => (byte)i).ToArray();
        var before = (byte[])shards.Clone();
        Assert.False(codec.TryReconstruct(shards, 10, [true, true, true, false, false, false]));
        Assert.Equal(before, shards);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var codec = new ErasureCodec(4, 2);
        Assert.Throws<ArgumentException>(() => codec.Encode(new byte[59], 10));
        Assert.Throws<ArgumentException>(() => codec.TryReconstruct(new byte[60], 10, [true]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErasureCodec(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErasureCodec(200, 56));
    }

    private static IEnumerable<GaloisPath> Paths() =>
        Enum.GetValues<GaloisPath>().Where(path => path <= GaloisKernel.Best);

    private static byte[] Encode(ErasureCodec codec, byte[] data, int bytes)
    {
        var shards = (byte[])data.Clone();
        codec.Encode(shards, bytes);
        return shards;
    }

    private static byte[] Reconstruct(ErasureCodec codec, byte[] shards, int bytes, int mask)
    {
        var damaged = (byte[])shards.Clone();
        var present = new bool[codec.TotalShards];
        for (var shard = 0; shard < present.Length; shard++)
        {
            present[shard] = (mask >> shard & 1) != 0;
            if (!present[shard])
            {
                damaged.AsSpan(shard * bytes, bytes).Fill(0xa5);
            }
        }

        Assert.True(codec.TryReconstruct(damaged, bytes, present));
        return damaged;
    }

    private static byte[] Numbers(JsonElement row) => [.. row.EnumerateArray().Select(cell => cell.GetByte())];

    private static byte LongHand(int a, int b)
    {
        var product = 0;
        for (; b != 0; b >>= 1, a = (a << 1) ^ ((a >> 7) * 0x11D))
        {
            product ^= (b & 1) * a;
        }

        return (byte)product;
    }
}
