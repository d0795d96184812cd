using System.Diagnostics;
using Vault.Events.Bus;
using Vault.Events.Tests.Support;

namespace Vault.Events.Tests.Bus;

/// <summary>A bus with a transport: what it sends, and what it makes of a connection that comes and goes.</summary>
public sealed class EventLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_storm_is_sent_at_most_twenty_times_a_second_and_ends_with_the_newest_number()
    {
        var transport = new LoopTransport();
        await using var process = new TestBus(null, transport);
        var began = Stopwatch.GetTimestamp();
        var (number, newest, sends) = (0L, 0L, 0);
        while (sends < 5)
        {
            process.Bus.Publish(EventChannel.Views, ++number);
            while (transport.Sent.Reader.TryRead(out var news)) Count(news);
            await Task.Yield();
        }

        while (newest < number) Count(await transport.Sent.Reader.ReadAsync(Token));
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Assert.InRange(sends, 5, (int)(elapsed * 20) + 1);

        void Count(IReadOnlyList<WakeUp> news) => (newest, sends) = (news[^1].Number, sends + 1);
    }

    [Fact]
    public async Task Every_way_of_hearing_a_number_wakes_once()
    {
        var transport = new LoopTransport();
        await using var process = new TestBus(null, transport);
        await transport.Listens.Reader.ReadAsync(Token);
        using var views = process.Bus.Subscribe(EventChannel.Views);
        process.Bus.Publish(EventChannel.Views, 5);
        transport.Arrive(EventChannel.Views, 5);
        transport.Arrive(EventChannel.Views, 6);
        Assert.Equal(5, (await views.NextAsync(Token)).Number);
        Assert.Equal(6, (await views.NextAsync(Token)).Number);
        Assert.False(views.TryNext(out _));
    }

    [Fact]
    public async Task A_lost_connection_is_made_again_and_reported_as_a_gap()
    {
        var transport = new LoopTransport();
        await using var process = new TestBus(null, transport);
        await transport.Listens.Reader.ReadAsync(Token);
        using var views = process.Bus.Subscribe(EventChannel.Views);
        transport.Arrive(EventChannel.Views, 9);
        Assert.Equal(9, (await views.NextAsync(Token)).Number);
        transport.Break();
        Assert.Equal(WakeReason.Gap, (await views.NextAsync(Token)).Reason);
        transport.Arrive(EventChannel.Views, 2); // what came back is older: it is heard all the same
        Assert.Equal(new(EventChannel.Views, 2, WakeReason.News), await views.NextAsync(Token));
    }

    [Fact]
    public async Task A_subscriber_polls_when_nobody_wakes_it()
    {
        await using var process = new TestBus(null, new LoopTransport());
        using var views = process.Bus.Subscribe(EventChannel.Views, TimeSpan.FromMilliseconds(20));
        WakeUp woken;
        do woken = await views.NextAsync(Token);
        while (woken.Reason == WakeReason.Gap);
        Assert.Equal(WakeReason.Poll, woken.Reason);
    }
}
