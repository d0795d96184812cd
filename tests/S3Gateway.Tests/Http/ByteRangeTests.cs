using Vault.S3Gateway.Http;

namespace Vault.S3Gateway.Tests.Http;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, 0, 1)]
    [InlineData("bytes=0-9", 10, 0, 10)]
    [InlineData("bytes=2-", 10, 2, 8)]
    [InlineData("bytes=2-100", 10, 2, 8)]
    [InlineData("bytes=-3", 10, 7, 3)]
    [InlineData("bytes=-30", 10, 0, 10)]
    [InlineData("Bytes= 1-2 ", 10, 1, 2)]
    [InlineData("bytes=0-99999999999999999999999", 10, 0, 10)]
    public void Satisfiable_ranges_are_partial(string header, long size, long offset, long length) =>
        Assert.Equal(new ByteRange(RangeKind.Partial, offset, length), ByteRange.Parse(header, size));

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=10-20", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    [InlineData("bytes=99999999999999999999999-", 10)]
    public void Ranges_outside_are_unsatisfiable(string header, long size) =>
        Assert.Equal(RangeKind.Unsatisfiable, ByteRange.Parse(header, size).Kind);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=3-1")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=1-2,4-5")]
    [InlineData("bytes=+1-2")]
    [InlineData("items=0-1")]
    public void What_is_no_single_range_means_the_whole_body(string? header) =>
        Assert.Equal(new ByteRange(RangeKind.Whole, 0, 10), ByteRange.Parse(header, 10));

    [Fact]
    public void Content_range_counts_from_zero() =>
        Assert.Equal("bytes 2-4/10", ByteRange.Parse("bytes=2-4", 10).ContentRange(10));

    [Theory]
    [InlineData("bytes=0-4", true, RangeKind.Partial)]
    [InlineData("bytes=0-9", true, RangeKind.Partial)]
    [InlineData("bytes=0-10", true, RangeKind.Unsatisfiable)]
    [InlineData("bytes=5-", false, RangeKind.Whole)]
    [InlineData("bytes=-5", false, RangeKind.Whole)]
    [InlineData("bytes=4-2", false, RangeKind.Whole)]
    [InlineData("0-4", false, RangeKind.Whole)]
    internal void Copy_ranges_name_both_ends(string header, bool valid, RangeKind kind)
    {
        Assert.Equal(valid, ByteRange.TryParseCopy(header, 10, out var range));
        Assert.Equal(kind, range.Kind);
    }

    [Fact]
    public void Every_range_stays_inside_the_body()
    {
        var random = new Random(7);
        const string Alphabet = "0123456789--, bytes=";
        for (var i = 0; i < 100_000; i++)
        {
            var size = random.Next(4) == 0 ? 0 : random.Next(1000);
            var text = "bytes="
                + string.Concat(Enumerable.Range(0, random.Next(8))
                .Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var range = ByteRange.Parse(text, size);
            if (range.Kind == RangeKind.Unsatisfiable)
                continue;
            Assert.InRange(range.Offset, 0, size);
            Assert.InRange(range.Length, range.Kind == RangeKind.Partial ? 1 : 0, size - range.Offset);
        }
    }
}
