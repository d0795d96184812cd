using StackExchange.Redis;
using Vault.Events.Bus;
using Vault.Events.Redis;
using Vault.Events.Tests.Support;
using Vault.Testing;

namespace Vault.Events.Tests.Redis;

/// <summary>Users and TLS of a real Redis.</summary>
public sealed class RedisAccessTests : IDisposable
{
    /// <summary>What docs/spec/events.md says that a user needs, with the prefix of the tests.</summary>
    private static readonly string[] Users =
    [
        "--user", "default", "off",
        "--user", "vault", "on", ">hunter22", "~test:*", "&test:*", "-@all", "+eval", "+time", "+publish", "+@read",
        "+@write", "+subscribe", "+unsubscribe", "+@connection", "+info",
    ];

    private readonly string directory = Directory.CreateTempSubdirectory("vault-redis-tls-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_user_of_the_access_list_may_do_what_is_needed_also_over_TLS(bool encrypted)
    {
        var authority = encrypted ? new ThrowAwayAuthority(directory) : null;
        await using var redis = await RedisServer.StartAsync(Users, authority, Token);
        var url = redis.UrlOf("vault:hunter22");
        await using var node = await RedisNode.StartAsync(url, Token, authority?.RootPath);
        await node.AnsweredAsync(Token);
        await node.Records.KeepAsync("a", "prj", "ten", await node.Records.FindAsync("a"), [1]);
        Assert.NotNull((await node.Records.FindAsync("a")).Value);
        await node.Records.DropAsync(["a"]);
        Assert.Null((await node.Records.FindAsync("a")).Value);
        using var heard = node.Bus.Subscribe(EventChannel.Credentials);
        var publisher = (await node.Link.ConnectedAsync(Token)).GetSubscriber();
        var channel = RedisChannel.Literal("test:wake:credentials");
        while (await publisher.PublishAsync(channel, "1") == 0) await heard.NextAsync(Token); // until it listens
    }

    [Theory]
    [InlineData(null)]
    [InlineData(":hunter22")]
    [InlineData("vault:hunter23")]
    [InlineData("other:hunter22")]
    public async Task Who_is_not_in_the_access_list_gets_no_answer_and_no_secret_is_told(string? login)
    {
        await using var redis = await RedisServer.StartAsync(Users, null, Token);
        var problem = await ProbeAsync(redis.UrlOf(login));
        Assert.NotNull(problem);
        Assert.DoesNotContain("hunter", problem, StringComparison.Ordinal);
        await using var node = await RedisNode.StartAsync(redis.UrlOf(login), Token);
        await node.Link.ConnectedAsync(Token);
        Assert.Equal(default, await node.Records.FindAsync("a"));
    }

    [Fact]
    public async Task A_certificate_is_checked_by_its_authority_and_by_its_name()
    {
        var authority = new ThrowAwayAuthority(directory);
        var other = new ThrowAwayAuthority(Directory.CreateDirectory(Path.Combine(directory, "other")).FullName);
        await using var redis = await RedisServer.StartAsync([], authority, Token);
        Assert.Null(await ProbeAsync(redis.Url, authority.RootPath));
        Assert.NotNull(await ProbeAsync(redis.Url));
        Assert.NotNull(await ProbeAsync(redis.Url, other.RootPath));
        Assert.NotNull(await ProbeAsync(redis.UrlOf(host: "127.0.0.2"), authority.RootPath));
        Assert.NotNull(await ProbeAsync(redis.Url.Replace("rediss", "redis", StringComparison.Ordinal)));
    }

    private static Task<string?> ProbeAsync(string url, string? authority = null)
    {
        Assert.True(RedisAddress.TryParse(url, out var address, out var fault, authority), fault);
        return RedisLink.ProbeAsync(address, Token);
    }
}
