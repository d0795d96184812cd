using System.Text;
using Vault.S3Gateway.Objects;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class ContinuationTokenTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("photos/2026/é😀 +%")]
    public void A_token_reads_back_and_shows_nothing(string last)
    {
        var token = ContinuationToken.Encode(Encoding.UTF8.GetBytes(last));
        Assert.DoesNotContain(last, token);
        Assert.Equal(last, Encoding.UTF8.GetString(ContinuationToken.Decode(token)));
    }

    [Fact]
    public void The_longest_key_fits() =>
        Assert.Equal(1024, ContinuationToken.Decode(ContinuationToken.Encode(new byte[1024])).Length);

    [Theory]
    [InlineData("x")]
    [InlineData("not a token")]
    [InlineData("AQAAAAA")]
    [InlineData("key/after")]
    [InlineData("====")]
    public void What_is_no_token_is_refused(string token)
    {
        var refused = Assert.Throws<S3Exception>(() => ContinuationToken.Decode(token));
        Assert.Equal("InvalidArgument", refused.Error.Code);
    }

    [Theory]
    [InlineData(null, 1000)]
    [InlineData("", 1000)]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("5000", 1000)]
    public void Limits_are_capped(string? text, int limit) =>
        Assert.Equal(limit, ListParameters.Limit("max-keys", text));

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999")]
    [InlineData("1.5")]
    public void Limits_that_are_no_numbers_are_refused(string text) =>
        Assert.Equal("InvalidArgument",
            Assert.Throws<S3Exception>(() => ListParameters.Limit("max-keys", text)).Error.Code);
}
