using StackExchange.Redis;
using Vault.Events.Bus;
using Vault.Events.Redis;
using Vault.Events.Tests.Support;
using Vault.Testing;

namespace Vault.Events.Tests.Redis;

/// <summary>Two processes on one real Redis.</summary>
public sealed class RedisEventTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_hangs_is_noticed_by_who_listens()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var node = await RedisNode.StartAsync(redis.Url, Token);
        await using var events = new RedisEvents(node.Link, TimeProvider.System);
        var listening = new TaskCompletionSource();
        var ended = events.ListenAsync(listening.SetResult, (_, _) => { }, Token);
        await listening.Task.WaitAsync(Token);
        redis.Pause();
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => ended);
        Assert.True(problem is RedisException or TimeoutException or IOException, problem.ToString());
        redis.Resume();
    }

    [Fact]
    public async Task What_one_process_publishes_wakes_the_other_also_after_Redis_was_away()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        using var heard = other.Bus.Subscribe(EventChannel.Credentials);
        var number = 0L;
        Task<string> ended;
        await HearAsync();
        await redis.StopServerAsync(Token);
        ended = one.Sends.NextAsync(Token);
        one.Bus.Publish(EventChannel.Credentials, ++number); // lost, and nobody waits for it
        Assert.False(Measured.IsSent(await ended));
        await redis.StartServerAsync(Token);
        await HearAsync();

        async Task HearAsync()
        {
            WakeUp next;
            do next = await heard.NextAsync(Token);
            while (next.Reason != WakeReason.Gap); // it listens
            while (next.Reason == WakeReason.Gap)
            {
                do
                {
                    ended = one.Sends.NextAsync(Token);
                    one.Bus.Publish(EventChannel.Credentials, ++number);
                }
                while (!Measured.IsSent(await ended));

                next = await heard.NextAsync(Token);
            }
        }
    }
}
