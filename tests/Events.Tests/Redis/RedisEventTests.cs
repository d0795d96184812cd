using Vault.Events.Bus;
using Vault.Events.Tests.Support;
using Vault.Testing;

namespace Vault.Events.Tests.Redis;

/// <summary>Two processes on one real Redis.</summary>
public sealed class RedisEventTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_process_publishes_wakes_the_other_also_after_Redis_was_away()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var one = await RedisNode.StartAsync(redis.Url, Token);
        await using var other = await RedisNode.StartAsync(redis.Url, Token);
        using var heard = other.Bus.Subscribe(EventChannel.Credentials);
        var number = 0L;
        await HearAsync();
        await redis.StopServerAsync(Token);
        one.Bus.Publish(EventChannel.Credentials, ++number); // lost, and nobody waits for it
        await redis.StartServerAsync(Token);
        WakeUp gap;
        do gap = await heard.NextAsync(Token);
        while (gap.Reason != WakeReason.Gap);
        await HearAsync();

        async Task HearAsync()
        {
            while (true)
            {
                one.Bus.Publish(EventChannel.Credentials, ++number);
                var next = heard.NextAsync(Token).AsTask();
                while (await Task.WhenAny(next, Task.Delay(200, Token)) == next)
                {
                    if ((await next).Reason == WakeReason.News) return;
                    next = heard.NextAsync(Token).AsTask();
                }

                one.Bus.Publish(EventChannel.Credentials, ++number);
                if ((await next).Reason == WakeReason.News) return;
            }
        }
    }
}
