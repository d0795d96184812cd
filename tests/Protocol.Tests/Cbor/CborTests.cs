using Vault.Protocol.Cbor;

namespace Vault.Protocol.Tests.Cbor;

public sealed class CborTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(10, "0a")]
    [InlineData(23, "17")]
    [InlineData(24, "1818")]
    [InlineData(255, "18ff")]
    [InlineData(256, "190100")]
    [InlineData(65_535, "19ffff")]
    [InlineData(65_536, "1a00010000")]
    [InlineData(uint.MaxValue, "1affffffff")]
    [InlineData(1L + uint.MaxValue, "1b0000000100000000")]
    [InlineData(1_000_000_000_000, "1b000000e8d4a51000")]
    public void Numbers_are_written_as_RFC_8949_prefers(long value, string expected)
    {
        var writer = new CborWriter(stackalloc byte[4]);
        writer.UInt((ulong)value);
        Assert.Equal(expected, Convert.ToHexStringLower(writer.Written));
        var reader = new CborReader(writer.Written);
        Assert.Equal((ulong)value, reader.UInt());
        Assert.True(reader.IsComplete);
        writer.Dispose();
    }

    [Theory]
    [InlineData("1800")]
    [InlineData("190017")]
    [InlineData("1a0000ffff")]
    [InlineData("1b00000000ffffffff")]
    [InlineData("18")]
    [InlineData("1c")]
    [InlineData("20")]
    [InlineData("")]
    public void Longer_heads_than_needed_and_cut_ones_are_refused(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        reader.UInt();
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Counts_beyond_the_bytes_at_hand_are_refused()
    {
        var array = new CborReader(Convert.FromHexString("9b00000000ffffffff01"));
        Assert.Equal(0, array.Array(int.MaxValue));
        Assert.True(array.Failed);
        var bytes = new CborReader(Convert.FromHexString("5affffffff01"));
        Assert.True(bytes.Bytes(0, int.MaxValue).IsEmpty);
        Assert.True(bytes.Failed);
        var map = new CborReader(Convert.FromHexString("a20102"));
        Assert.Equal(0, map.Map(8));
        Assert.True(map.Failed);
    }

    [Fact]
    public void Later_fields_are_passed_over_but_not_without_bound()
    {
        var known = new CborReader(Convert.FromHexString("8401a1024103830405600618ff"));
        Assert.Equal(4, known.Array(4));
        Assert.Equal(1ul, known.UInt());
        known.Skip();
        known.Skip();
        Assert.Equal(6ul, known.UInt());
        Assert.False(known.IsComplete);
        var deep = new CborReader(Convert.FromHexString("818181818101"));
        deep.Skip();
        Assert.True(deep.Failed);
        var tagged = new CborReader(Convert.FromHexString("c101"));
        tagged.Skip();
        Assert.True(tagged.Failed);
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_refused()
    {
        var reader = new CborReader([0x61, 0xff]);
        Assert.Null(reader.Text(10));
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Writer_grows_beyond_its_first_memory()
    {
        var writer = new CborWriter(stackalloc byte[8]);
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        writer.Array(3);
        writer.Text("ü");
        writer.Bytes(bytes);
        writer.UInt(7);
        var reader = new CborReader(writer.Written);
        Assert.Equal(3, reader.Array(3));
        Assert.Equal("ü", reader.Text(2));
        Assert.Equal(bytes, reader.Bytes(0, bytes.Length).ToArray());
        Assert.Equal(7ul, reader.UInt());
        Assert.True(reader.IsComplete);
        writer.Dispose();
    }
}
