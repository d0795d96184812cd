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
        var more = 0;
        TimeSpan retryAfter;
        while (there.TryTake("prj", rate, out retryAfter))
        {
            more++;
            await Task.Delay(20, Token);
        }

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
        var rate = Rate.PerSecond(200);
        var taken = 0;
        var began = TimeProvider.System.GetTimestamp();
        var length = TimeSpan.FromSeconds(2.5);
        await Task.WhenAll(new[] { one.Limits.Of("x"), other.Limits.Of("x") }.Select(rates => Task.Run(
            async () =>
            {
                while (TimeProvider.System.GetElapsedTime(began) < length)
                {
                    if (rates.TryTake("prj", rate, out _)) Interlocked.Increment(ref taken);
                    else await Task.Delay(1, Token);
                }
            }, Token)));
        var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        // 200 a second and 200 at once, which is known a moment later; apart they let through twice all that.
        Assert.InRange(taken, 300, (200 * elapsed) + 200 + 250);
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
        var more = 0;
        while (there.TryTake("b", rate, out _))
        {
            more++;
            await Task.Delay(20, Token);
        }

        Assert.InRange(more, 1, 40);
    }

    private static int TakeAll(SharedRates rates, string name, Rate rate)
    {
        var taken = 0;
        while (taken < 1000 && rates.TryTake(name, rate, out _)) taken++;
        return Math.Min(taken, rate.Count);
    }
}
