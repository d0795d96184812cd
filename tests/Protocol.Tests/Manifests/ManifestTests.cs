using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;

namespace Vault.Protocol.Tests.Manifests;

public sealed class ManifestTests
{
    private const int ChunkBytes = 1 << 20;

    [Theory]
    [InlineData(0, 1, 0, 0)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(ChunkBytes, 1, 0, 1)]
    [InlineData(ChunkBytes + 1, 1, 2, 2)]
    [InlineData(3L * ChunkBytes + 5, 4, 2, 4)]
    public void Manifest_reads_back(long total, int k, int m, int chunks)
    {
        var manifest = Manifest(total, k, m);
        Assert.Equal(chunks, manifest.ChunkCount);
        Assert.True(BodyManifest.TryDecode(manifest.Encode(), out var read));
        Assert.Equal(manifest.Attempt, read.Attempt);
        Assert.Equal((k, m, ChunkBytes, total), (read.DataShards, read.ParityShards, read.ChunkBytes, read.TotalBytes));
        Assert.Equal(manifest.Shards.ToArray(), read.Shards.ToArray());
        Assert.Equal(manifest.Root(), read.Root());
        Assert.Equal(total, Enumerable.Range(0, chunks).Sum(chunk => (long)read.PlaintextBytes(chunk)));
        Assert.Equal(chunks == 0 ? [] : [chunks - 1], Enumerable.Range(0, chunks).Where(read.IsFinal));
    }

    [Fact]
    public void Shards_are_equal_shares_of_the_payload()
    {
        var manifest = Manifest(ChunkBytes + 1, 4, 2);
        Assert.Equal(ChunkBytes + 28, manifest.PayloadBytes(0));
        Assert.Equal((ChunkBytes + 28) / 4, manifest.ShardBytes(0));
        Assert.Equal(29, manifest.PayloadBytes(1));
        Assert.Equal(8, manifest.ShardBytes(1));
    }

    [Fact]
    public void Numbers_that_do_not_fit_are_refused()
    {
        var attempt = BodyAttempt.New(DateTimeOffset.UnixEpoch);
        Assert.Throws<ArgumentException>(() => new BodyManifest(attempt, 1, 0, ChunkBytes, 1, []));
        Assert.Throws<ArgumentException>(() => new BodyManifest(attempt, 0, 1, ChunkBytes, 0, []));
        Assert.Throws<ArgumentException>(() => new BodyManifest(attempt, 200, 56, ChunkBytes, 0, []));
        Assert.Throws<ArgumentException>(() => new BodyManifest(attempt, 1, 0, 0, 0, []));
        Assert.Throws<ArgumentException>(() => new BodyManifest(attempt, 1, 0, 1, 250_001, new ShardLocation[250_001]));
    }

    [Fact]
    public void A_chunk_may_lack_shards_but_not_so_many_that_one_more_loss_would_end_it()
    {
        var whole = Manifest(2 * ChunkBytes, 4, 2);
        foreach (var (lacking, fits) in new[] { (1, true), (2, false) })
        {
            var shards = Array.ConvertAll(whole.Shards.ToArray(), static s => s with { Volume = s.Volume + 1 });
            for (var i = 0; i < lacking; i++) shards[7 + i] = ShardLocation.Absent(shards[7 + i].Cid);
            BodyManifest Make() => new(whole.Attempt, 4, 2, ChunkBytes, whole.TotalBytes, shards);
            if (!fits)
            {
                Assert.Throws<ArgumentException>(Make);
                continue;
            }

            var cbor = Make().Encode();
            Assert.True(BodyManifest.HasParity(cbor));
            Assert.True(BodyManifest.TryDecode(cbor, out var read));
            Assert.Equal(1, read.AbsentShards);
            var second = cbor.AsSpan().IndexOf(shards[8].Cid.ToArray()) + Cid.Size;
            cbor[second] = 0;
            Assert.False(BodyManifest.TryDecode(cbor, out _));
        }

        Assert.False(BodyManifest.HasParity(Manifest(1, 1, 0).Encode()));
        Assert.False(BodyManifest.HasParity(default));
    }

    [Fact]
    public void Altered_total_is_refused_before_memory_is_taken()
    {
        var cbor = Manifest(2 * ChunkBytes, 1, 0).Encode();
        var at = cbor.AsSpan().IndexOf((byte[])[0x08, 0x1a, 0x00, 0x20, 0x00, 0x00]);
        Assert.True(at > 0);
        cbor[at + 2] = 0x7f;
        Assert.False(BodyManifest.TryDecode(cbor, out _));
    }

    [Fact]
    public void Manifest_is_about_45_bytes_a_chunk()
    {
        var bytes = Manifest(1000L * ChunkBytes, 1, 0).Encode().Length;
        Assert.InRange(bytes, 40_000, 55_000);
    }

    [Fact]
    public void Parts_read_back_and_offsets_find_theirs()
    {
        CompositePart[] parts =
        [
            new(1, 10, NewId()), new(2, 0, NewId()), new(7, 5, NewId()), new(10_000, 1L << 40, NewId()),
        ];
        var manifest = new CompositeManifest(parts);
        var cbor = manifest.Encode();
        Assert.True(CompositeManifest.TryDecode(cbor, out var read));
        Assert.Equal(parts, read.Parts.ToArray());
        Assert.Equal(15 + (1L << 40), read.TotalBytes);
        Assert.Equal(0, read.IndexAt(0));
        Assert.Equal(0, read.IndexAt(9));
        Assert.Equal(2, read.IndexAt(10));
        Assert.Equal(3, read.IndexAt(15));
        Assert.Equal(3, read.IndexAt(read.TotalBytes - 1));
        Assert.Equal(15, read.StartOf(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => read.IndexAt(read.TotalBytes));
        cbor[^1] ^= 1;
        Assert.True(CompositeManifest.TryDecode(cbor, out var altered));
        Assert.NotEqual(CompositeManifest.Digest(read.Encode()), CompositeManifest.Digest(altered.Encode()));
    }

    [Fact]
    public void Parts_out_of_order_or_too_many_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new CompositeManifest([]));
        Assert.Throws<ArgumentException>(() => new CompositeManifest([new(2, 1, NewId()), new(1, 1, NewId())]));
        Assert.Throws<ArgumentException>(() => new CompositeManifest([new(1, 1, NewId()), new(1, 1, NewId())]));
        Assert.Throws<ArgumentException>(() => new CompositeManifest([new(0, 1, NewId())]));
        Assert.Throws<ArgumentException>(() => new CompositeManifest([new(10_001, 1, NewId())]));
        Assert.Throws<ArgumentException>(
            () => new CompositeManifest([new(1, long.MaxValue, NewId()), new(2, 1, NewId())]));
    }

    [Fact]
    public void Hostile_manifests_neither_throw_nor_take_memory()
    {
        byte[][] samples =
        [
            Manifest(3 * ChunkBytes, 4, 2).Encode(),
            new CompositeManifest([new(1, 5, NewId()), new(2, 6, NewId())]).Encode(),
        ];
        Fuzz.Mutations(samples, input =>
        {
            BodyManifest.TryDecode(input, out _);
            CompositeManifest.TryDecode(input, out _);
        });
    }

    private static ObjectId NewId() => ObjectId.New(DateTimeOffset.UnixEpoch);

    private static BodyManifest Manifest(long total, int k, int m)
    {
        var shards = new ShardLocation[ChunkSizing.ChunkCount(total, ChunkBytes) * (k + m)];
        for (var i = 0; i < shards.Length; i++)
        {
            shards[i] = new ShardLocation(Cid.Compute(BitConverter.GetBytes(i)), (uint)i, (ulong)i * 1_000_003);
        }

        return new BodyManifest(BodyAttempt.New(DateTimeOffset.UnixEpoch), k, m, ChunkBytes, total, shards);
    }
}
