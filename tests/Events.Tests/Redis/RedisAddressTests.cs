using Vault.Events.Redis;

namespace Vault.Events.Tests.Redis;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis://cache", "cache", 6379, 0, false, null, null)]
    [InlineData("redis://127.0.0.1:6390/3", "127.0.0.1", 6390, 3, false, null, null)]
    [InlineData("rediss://:p%40ss@cache.example.org:7000", "cache.example.org", 7000, 0, true, null, "p@ss")]
    [InlineData("redis://va%3Ault:p:w%2F@cache/1", "cache", 6379, 1, false, "va:ult", "p:w/")]
    public void An_address_is_read(
        string text, string host, int port, int database, bool tls, string? user, string? password)
    {
        Assert.True(RedisAddress.TryParse(text, out var address, out _));
        Assert.Equal(
            (host, port, database, tls, user, password),
            (address.Host, address.Port, address.Database, address.Tls, address.User, address.Password));
        Assert.Equal($"{host}:{port}", address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cache:6379")]
    [InlineData("http://cache")]
    [InlineData("redis://")]
    [InlineData("redis://cache/x")]
    [InlineData("redis://cache/-1")]
    [InlineData("redis://cache?x=1")]
    [InlineData("redis://user:hunter22@cache/x")]
    [InlineData("redis://user@cache")]
    [InlineData("redis://user:@cache")]
    public void Anything_else_is_refused_without_repeating_it(string? text)
    {
        Assert.False(RedisAddress.TryParse(text, out _, out var fault));
        Assert.DoesNotContain("hunter22", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_is_a_certificate_and_only_for_TLS()
    {
        var file = Path.GetTempFileName();
        Assert.False(RedisAddress.TryParse("rediss://cache", out _, out var fault, file));
        Assert.Contains(file, fault, StringComparison.Ordinal);
        Assert.False(RedisAddress.TryParse("rediss://cache", out _, out _, file + ".none"));
        Assert.False(RedisAddress.TryParse("redis://cache", out _, out fault, file));
        Assert.Contains("rediss://", fault, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public void No_text_makes_it_throw_and_what_it_takes_has_a_host_and_a_port()
    {
        var random = new Random(20260101);
        const string Letters = "redis:/@[]%0123456789abc.?#-\\ \u00e9\u4e2d";
        var until = TimeProvider.System.GetTimestamp() + TimeProvider.System.TimestampFrequency;
        for (var i = 0; i < 200_000 && TimeProvider.System.GetTimestamp() < until; i++)
        {
            var text = (i % 4 > 0 ? "redis://" : "") + new string(random.GetItems<char>(Letters, random.Next(40)));
            if (!RedisAddress.TryParse(text, out var address, out _)) continue;
            Assert.NotEmpty(address.Host);
            Assert.InRange(address.Port, 1, 65535);
        }
    }
}
