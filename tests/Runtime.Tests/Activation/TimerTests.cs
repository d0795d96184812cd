using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Activation;

public sealed class TimerTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_timer_ticks_when_due_and_then_every_period_until_it_is_disposed()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync("t", 5 * s_second, 2 * s_second, false, false);
        _clock.Advance(4 * s_second);
        Assert.Equal(0, silo.Probe.Count("tick t"));

        await TickAsync(silo, s_second, "t", 1);
        await TickAsync(silo, 2 * s_second, "t", 2);
        await grain.StopAsync("t");
        _clock.Advance(60 * s_second);
        await grain.SettleAsync();

        Assert.Equal(2, silo.Probe.Count("tick t"));
        await silo.Probe.Heard("token t");
    }

    [Fact]
    public async Task A_tick_waits_for_running_calls_unless_it_interleaves()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync("waits", s_second, Timeout.InfiniteTimeSpan, false, false);
        await grain.StartAsync("interleaves", s_second, Timeout.InfiniteTimeSpan, true, false);
        var busy = grain.BusyAsync("gate");
        await silo.Probe.Heard("busy");

        _clock.Advance(s_second);
        await silo.Probe.Heard("tick interleaves");
        Assert.Equal(0, silo.Probe.Count("tick waits"));
        silo.Probe.Open("gate");
        await busy;

        await silo.Probe.Heard("tick waits");
    }

    [Fact]
    public async Task The_next_tick_is_timed_from_the_end_of_the_last()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync("slow", s_second, s_second, false, false);
        _clock.Advance(s_second);
        await silo.Probe.Heard("tick slow");
        _clock.Advance(10 * s_second);
        Assert.Equal(1, silo.Probe.Count("tick slow"));

        silo.Probe.Open("slow");
        await grain.SettleAsync();

        await TickAsync(silo, s_second, "slow", 2);
    }

    [Fact]
    public async Task A_timer_that_fails_ticks_on()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync("bad", s_second, s_second, false, false);

        await TickAsync(silo, s_second, "bad", 1);
        await TickAsync(silo, s_second, "bad", 2);
    }

    [Fact]
    public async Task A_timer_may_be_changed()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync("t", Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, false, false);
        _clock.Advance(60 * s_second);
        await grain.ChangeAsync("t", 3 * s_second, Timeout.InfiniteTimeSpan);

        await TickAsync(silo, 3 * s_second, "t", 1);
        _clock.Advance(60 * s_second);

        Assert.Equal(1, silo.Probe.Count("tick t"));
    }

    [Fact]
    public async Task Ticks_keep_an_activation_alive_only_when_asked_to()
    {
        await using var silo = await TestSilo.StartAsync(_clock);
        var idle = silo.Grains.GetGrain<ITimerGrain>("idle");
        var kept = silo.Grains.GetGrain<ITimerGrain>("kept");
        await idle.StartAsync("idle", s_second, TimeSpan.FromMinutes(1), false, false);
        await kept.StartAsync("kept", s_second, TimeSpan.FromMinutes(1), false, true);

        for (var minute = 1; minute <= 20; minute++)
        {
            var kepts = silo.Probe.Count("tick kept");
            _clock.Advance(TimeSpan.FromMinutes(1));
            await silo.Probe.Heard("tick kept", kepts + 1);
            await kept.SettleAsync();
        }

        await silo.Probe.Heard("deactivated");
        Assert.Equal(1, silo.Probe.Count("deactivated"));
    }

    /// <summary>
    /// Moves the clock step by step until a tick has come: the timer is set again only when the last tick has ended.
    /// </summary>
    private async Task TickAsync(TestSilo silo, TimeSpan time, string name, int times)
    {
        _clock.Advance(time);
        await silo.Probe.Heard($"tick {name}", times);
        await silo.Grains.GetGrain<ITimerGrain>("a").SettleAsync();
    }
}

internal static class TimerGrainExtensions
{
    /// <summary>A call that waits its turn, so that the turns before it have ended.</summary>
    public static Task SettleAsync(this ITimerGrain grain) => grain.ChangeNothingAsync();
}
