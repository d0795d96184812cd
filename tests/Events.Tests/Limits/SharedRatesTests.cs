using System.Net;
using Vault.Events.Limits;
using Vault.Events.Tests.Support;
using Vault.Protocol.Limits;
using Vault.Testing;

namespace Vault.Events.Tests.Limits;

/// <summary>Limits that several front ends count together.</summary>
public sealed class SharedRatesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_lets_through_another_counts()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        await one.AnsweredAsync(Token);
        await other.AnsweredAsync(Token);
        var (here, there) = (one.Limits.Of("x"), other.Limits.Of("x"));
        var rate = Rate.PerMinute(100);
        var taken = 0;
        while (here.TryTake("prj", rate, out _)) taken++;
        Assert.InRange(taken, 100, 110);

        // The other has let nothing through: what it is told with its next ones is that all is spent.
        var (more, retryAfter) = await TakeAndReportAsync(other, there, "prj", rate, atOnce: 1);
        Assert.InRange(more, 1, 50);
        Assert.InRange(retryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(60));
        Assert.True(there.TryTake("another", rate, out _));
        Assert.True(there.TryTake(IPAddress.Loopback, rate, out _));
    }

    [Fact]
    public async Task Two_front_ends_together_let_through_what_one_would()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        await one.AnsweredAsync(Token);
        await other.AnsweredAsync(Token);
        var rate = new Rate(600, TimeSpan.FromHours(1));
        var began = TimeProvider.System.GetTimestamp();
        var taken = await Task.WhenAll(new[] { one, other }.Select(
            node => TakeAndReportAsync(node, node.Limits.Of("x"), "prj", rate, atOnce: 20)));
        var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        // What is earned, and what each lets through before it is told; apart they let through 1,200.
        Assert.InRange(taken.Sum(t => t.Taken), 600, 600 + elapsed + 200);
    }

    [Fact]
    public async Task Without_Redis_each_counts_for_itself_and_they_join_again_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        await one.AnsweredAsync(Token);
        await redis.StopServerAsync(Token);
        var (here, there) = (one.Limits.Of("x"), other.Limits.Of("x"));
        var rate = Rate.PerMinute(50);
        Assert.Equal(50, TakeAll(here, "a", rate));
        Assert.Equal(50, TakeAll(there, "a", rate));
        await redis.StartServerAsync(Token);
        await one.AnsweredAsync(Token);
        await other.AnsweredAsync(Token);
        TakeAll(here, "b", rate);
        Assert.InRange((await TakeAndReportAsync(other, there, "b", rate, atOnce: 1)).Taken, 1, 40);
    }

    /// <summary>Takes until it is refused, some at once, each time waiting until Redis knows.</summary>
    private static async Task<(int Taken, TimeSpan RetryAfter)> TakeAndReportAsync(
        RedisNode node, SharedRates rates, string name, Rate rate, int atOnce)
    {
        for (var taken = 0; ;)
        {
            var reported = node.Reports.NextAsync(Token);
            for (var i = 0; i < atOnce; i++)
            {
                if (!rates.TryTake(name, rate, out var retryAfter)) return (taken, retryAfter);
                taken++;
            }

            await reported;
        }
    }

    private static int TakeAll(SharedRates rates, string name, Rate rate)
    {
        var taken = 0;
        while (taken < 1000 && rates.TryTake(name, rate, out _)) taken++;
        return Math.Min(taken, rate.Count);
    }
}
