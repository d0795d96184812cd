using Vault.Events.Redis;
using Vault.Events.Tests.Support;
using Vault.Testing;

namespace Vault.Events.Tests.Redis;

/// <summary>The cache of sealed records on a real Redis.</summary>
public sealed class RedisRecordTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_front_end_keeps_another_finds_with_its_age()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        await one.AnsweredAsync(Token);
        await other.AnsweredAsync(Token);
        var nothing = await one.Records.FindAsync("a");
        Assert.Null(nothing.Value);
        Assert.True(nothing.AtMs > 0);
        await one.Records.KeepAsync("a", "prj", "ten", nothing with { AtMs = nothing.AtMs - 5000 }, [1, 2, 0, 255]);
        var found = await other.Records.FindAsync("a");
        Assert.Equal([1, 2, 0, 255], found.Value!);
        Assert.InRange(found.Age, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        var left = long.Parse(await redis.AskAsync(Token, "pttl", "test:record:a"), null);
        Assert.InRange(left, 45_000, 55_000); // it ends a minute after the read that it came from
    }

    [Theory]
    [InlineData("a")]
    [InlineData("prj")]
    [InlineData("ten")]
    public async Task A_change_voids_a_record_and_keeps_out_reads_that_were_under_way(string subject)
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        await node.AnsweredAsync(Token);
        var underWay = await node.Records.FindAsync("a");
        await node.Records.KeepAsync("a", "prj", "ten", underWay, [1]);
        Assert.NotNull((await node.Records.FindAsync("a")).Value);
        await node.Records.DropAsync([subject]);
        Assert.Null((await node.Records.FindAsync("a")).Value);
        await node.Records.KeepAsync("a", "prj", "ten", underWay, [1]);
        Assert.Null((await node.Records.FindAsync("a")).Value);
        var other = await node.Records.FindAsync("b");
        await node.Records.KeepAsync("b", "other", "another", other, [2]);
        Assert.NotNull((await node.Records.FindAsync("b")).Value);
    }

    [Fact]
    public async Task A_read_of_more_than_a_minute_ago_is_not_kept()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        await node.AnsweredAsync(Token);
        var late = await node.Records.FindAsync("a");
        await node.Records.KeepAsync("a", "prj", "ten", late with { AtMs = late.AtMs - 60_001 }, [1]);
        Assert.Null((await node.Records.FindAsync("a")).Value);
    }

    [Fact]
    public async Task A_server_that_hangs_costs_a_few_short_waits_and_then_none_until_it_answers_again()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        await node.AnsweredAsync(Token);
        redis.Pause();
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 1000; i++) Assert.Null((await node.Records.FindAsync("a")).Value);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        Assert.InRange(elapsed, TimeSpan.Zero, RedisLink.Patience * 15); // a thousand patient waits are 100 s
        redis.Resume();
        await node.AnsweredAsync(Token);
    }

    [Fact]
    public async Task A_server_that_is_gone_from_the_start_is_found_when_it_comes()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await redis.StopServerAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        Assert.Equal(default, await node.Records.FindAsync("a"));
        await redis.StartServerAsync(Token);
        await node.AnsweredAsync(Token);
        Assert.True((await node.Records.FindAsync("a")).AtMs > 0);
    }

    [Fact]
    public async Task Under_load_a_restart_costs_no_caller_more_than_its_patience()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        await node.AnsweredAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var slowest = TimeSpan.Zero;
        var callers = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var began = TimeProvider.System.GetTimestamp();
                await node.Records.FindAsync("a");
                var took = TimeProvider.System.GetElapsedTime(began);
                lock (redis) slowest = took > slowest ? took : slowest;
                await Task.Yield();
            }
        })).ToArray();
        for (var i = 0; i < 3; i++)
        {
            await redis.StopServerAsync(Token);
            Assert.Equal(0, (await node.Records.FindAsync("a")).AtMs);
            await redis.StartServerAsync(Token);
            await node.AnsweredAsync(Token);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        // A busy machine's threads may be late; a caller that waited for the server would wait for seconds.
        Assert.InRange(slowest, TimeSpan.Zero, RedisLink.Patience + TimeSpan.FromSeconds(2));
    }
}
