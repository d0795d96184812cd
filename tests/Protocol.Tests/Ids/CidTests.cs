using Vault.Protocol.Ids;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Ids;

public sealed class CidTests
{
    [Fact]
    public void Display_form_is_that_of_the_vectors_and_reads_back()
    {
        var pipeline = StorageVectors.Section("pipeline");
        var shard = pipeline.GetProperty("chunks")[0].GetProperty("shards")[0];
        var cid = Cid.Compute(shard.Bytes("bytes"));
        Assert.Equal(shard.Text("cid"), cid.ToString());
        Assert.Equal(pipeline.Text("cid_v1_text_of_chunk0_shard0"), cid.ToCidV1());
        Assert.True(Cid.TryParse(cid.ToCidV1(), out var fromDisplay));
        Assert.True(Cid.TryParse(cid.ToString(), out var fromHex));
        Assert.Equal(cid, fromDisplay);
        Assert.Equal(cid, fromHex);
        Assert.Equal(cid, Cid.FromBytes(cid.ToArray()));
    }

    [Fact]
    public void Other_codecs_and_altered_text_are_refused()
    {
        var text = Cid.Compute([]).ToCidV1();
        Assert.False(Cid.TryParse("", out _));
        Assert.False(Cid.TryParse(text.AsSpan(..^1), out _));
        Assert.False(Cid.TryParse(text.ToUpperInvariant(), out _));
        Assert.False(Cid.TryParse("z" + text[1..], out _));
        Assert.False(Cid.TryParse("bafybei" + text[7..], out _));
        Assert.False(Cid.TryParse(text[..^1] + "7", out _));
    }

    [Fact]
    public void Order_is_that_of_the_bytes()
    {
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var (left, right) = (new byte[Cid.Size], new byte[Cid.Size]);
            random.NextBytes(left);
            left.CopyTo(right, 0);
            right[random.Next(Cid.Size)] = (byte)random.Next(256);
            Assert.Equal(
                Math.Sign(left.AsSpan().SequenceCompareTo(right)),
                Math.Sign(Cid.FromBytes(left).CompareTo(Cid.FromBytes(right))));
        }
    }
}
