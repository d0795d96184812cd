using System.Formats.Cbor;
using Vault.Protocol.Cbor;

namespace Vault.Protocol.Tests.Cbor;

public sealed class CborFormatTests
{
    [Theory]
    [InlineData("1800")]
    [InlineData("190017")]
    [InlineData("1a0000ffff")]
    [InlineData("1b00000000ffffffff")]
    [InlineData("18")]
    [InlineData("1c")]
    [InlineData("20")]
    [InlineData("f6")]
    [InlineData("c101")]
    [InlineData("0000")]
    [InlineData("")]
    public void Longer_heads_than_needed_cut_ones_and_other_types_are_refused(string hex) =>
        Assert.False(Read(hex, reader => reader.Int64(long.MaxValue)));

    [Theory]
    [InlineData("9b00000000ffffffff01")]
    [InlineData("9bffffffffffffffff01")]
    [InlineData("9f01ff")]
    [InlineData("820102")]
    public void Counts_beyond_the_bytes_at_hand_or_the_bound_are_refused(string hex) =>
        Assert.False(Read(hex, reader =>
        {
            var count = reader.Array(1);
            for (var i = 0; i < count; i++)
            {
                reader.SkipValue();
            }

            reader.ReadEndArray();
        }));

    [Theory]
    [InlineData("43010203", false)]
    [InlineData("420102", true)]
    [InlineData("40", false)]
    [InlineData("5affffffff01", false)]
    [InlineData("5f4101ff", false)]
    public void Byte_strings_are_as_long_as_they_may_be(string hex, bool read) =>
        Assert.Equal(read, Read(hex, reader => reader.Bytes(1, 2)));

    [Theory]
    [InlineData("61ff", false)]
    [InlineData("62c3bc", true)]
    [InlineData("6161", true)]
    [InlineData("63616161", false)]
    public void Text_is_UTF8_of_bounded_length(string hex, bool read) =>
        Assert.Equal(read, Read(hex, reader => reader.Text(2)));

    [Theory]
    [InlineData("a0", true)]
    [InlineData("a201000200", true)]
    [InlineData("a2010018630c", true)]
    [InlineData("a202000100", false)]
    [InlineData("a201000100", false)]
    [InlineData("a10000", false)]
    [InlineData("a12000", false)]
    [InlineData("a11a0001000000", false)]
    [InlineData("a20102", false)]
    [InlineData("bf0100ff", false)]
    [InlineData("a101c100", false)]
    public void Keys_of_a_map_ascend_from_one(string hex, bool read) => Assert.Equal(read, Read(hex, ReadMap));

    [Fact]
    public void Unknown_fields_are_passed_over_but_not_without_bound()
    {
        Assert.True(Read("a101" + string.Concat(Enumerable.Repeat("81", 10)) + "01", ReadMap));
        Assert.False(Read("a101" + string.Concat(Enumerable.Repeat("81", 100)) + "01", ReadMap));
    }

    private static void ReadMap(CborReader reader)
    {
        for (var left = reader.Map(); left > 0; left--)
        {
            reader.Key();
            reader.SkipValue();
        }

        reader.ReadEndMap();
    }

    private static bool Read(string hex, Action<CborReader> read) => CborFormat.TryRead(
        Convert.FromHexString(hex),
        reader =>
        {
            read(reader);
            reader.End();
            return "";
        },
        out _);
}
