using Vault.Events.Bus;
using Vault.Events.Tests.Support;

namespace Vault.Events.Tests.Bus;

/// <summary>One process: what subscribers hear.</summary>
public sealed class EventBusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscriber_hears_its_channel_once_for_each_number()
    {
        await using var process = new TestBus();
        using var credentials = process.Bus.Subscribe(EventChannel.Credentials);
        process.Bus.Publish(EventChannel.Views, 7);
        process.Bus.Publish(EventChannel.Credentials, 1);
        process.Bus.Publish(EventChannel.Credentials, 1);
        process.Bus.Publish(EventChannel.Credentials, 2);
        Assert.Equal(new(EventChannel.Credentials, 1, WakeReason.News), await credentials.NextAsync(Token));
        Assert.Equal(new(EventChannel.Credentials, 2, WakeReason.News), await credentials.NextAsync(Token));
        Assert.False(credentials.TryNext(out _));
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_the_next_publish()
    {
        await using var process = new TestBus();
        using var views = process.Bus.Subscribe(EventChannel.Views);
        var next = views.NextAsync(Token).AsTask();
        Assert.False(next.IsCompleted);
        process.Bus.Publish(EventChannel.Views, 3);
        Assert.Equal(3, (await next).Number);
    }

    [Fact]
    public async Task A_full_queue_becomes_a_gap_with_the_newest_number_and_then_works_again()
    {
        await using var process = new TestBus();
        using var views = process.Bus.Subscribe(EventChannel.Views, capacity: 4);
        for (var number = 1; number <= 10; number++) process.Bus.Publish(EventChannel.Views, number);
        Assert.Equal(new(EventChannel.Views, 10, WakeReason.Gap), await views.NextAsync(Token));
        Assert.False(views.TryNext(out _));
        process.Bus.Publish(EventChannel.Views, 11);
        Assert.Equal(new(EventChannel.Views, 11, WakeReason.News), await views.NextAsync(Token));
    }

    [Fact]
    public async Task A_reader_ends_with_its_token_and_a_disposed_subscription_ends_its_reader()
    {
        await using var process = new TestBus();
        var views = process.Bus.Subscribe(EventChannel.Views);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var cancelled = views.NextAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        var ended = views.NextAsync(Token).AsTask();
        views.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ended);
    }

    [Fact]
    public async Task Many_publishers_lose_nothing_that_is_not_reported()
    {
        await using var process = new TestBus();
        using var views = process.Bus.Subscribe(EventChannel.Views, capacity: 16);
        const int Last = 50_000;
        var number = 0;
        var publishers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                int mine;
                while ((mine = Interlocked.Increment(ref number)) <= Last)
                    process.Bus.Publish(EventChannel.Views, mine);
            }, Token));
        var newest = 0L;
        var all = Task.WhenAll(publishers);
        while (newest < Last)
        {
            var woken = await views.NextAsync(Token);
            newest = Math.Max(newest, woken.Number);
        }

        await all;
    }
}
