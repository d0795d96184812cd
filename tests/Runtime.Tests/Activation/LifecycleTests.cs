using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Activation;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Activation;

public sealed class LifecycleTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_grain_activates_before_its_first_call_and_once()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(grain.IdAsync)));

        Assert.Single(ids.Distinct());
        Assert.Equal(1, silo.Probe.Count("activating a"));
    }

    [Fact]
    public async Task A_failed_activation_fails_its_callers_with_its_own_exception_and_the_next_call_tries_again()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("fails-once");

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(grain.IdAsync);

        Assert.Equal("not today", thrown.Message);
        Assert.NotEqual(Guid.Empty, await grain.IdAsync());
        Assert.Equal(1, silo.Probe.Count("disposed fails-once"));
    }

    [Fact]
    public async Task Deactivate_on_idle_ends_the_activation_after_the_call_and_the_next_call_makes_another()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");
        var first = await grain.IdAsync();

        await grain.LeaveAsync();
        var second = await grain.IdAsync();

        Assert.NotEqual(first, second);
        Assert.Equal(
            ["activating a", "deactivated a: ApplicationRequested", "disposed a", "activating a"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_deactivation_asked_for_in_the_moment_that_the_activation_is_ready_takes_place()
    {
        await using var silo = await TestSilo.StartAsync();
        using var listener = CountActivations(silo, change =>
        {
            if (change > 0 && silo.Probe.Count("activating a") == 1)
            {
                TheActivation(silo).Deactivate(
                    new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The test asks for it."));
            }
        });

        await silo.Grains.GetGrain<ILifeGrain>("a").IdAsync();
        await silo.Probe.Heard("deactivated a: RuntimeRequested");
    }

    [Fact]
    public async Task A_deactivation_that_fails_ends_the_activation_all_the_same()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("bad-end");
        var first = await grain.IdAsync();

        await grain.LeaveAsync();

        Assert.NotEqual(first, await grain.IdAsync());
    }

    [Fact]
    public async Task A_deactivation_waits_for_running_calls_and_calls_that_come_meanwhile_go_to_the_next_activation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");
        var first = await grain.IdAsync();
        var holding = grain.HoldAsync();
        await silo.Probe.Heard("holding");
        var leaving = grain.LeaveAsync();
        var after = grain.IdAsync();

        silo.Probe.Open("hold");

        await holding;
        await leaving;
        Assert.NotEqual(first, await after);
        Assert.Equal(
            ["activating a", "holding", "held", "deactivated a: ApplicationRequested", "disposed a", "activating a"],
            silo.Probe.Events);
    }

    [Theory]
    [InlineData("endless")]
    [InlineData("throwing")]
    public async Task A_tick_is_told_when_its_activation_ends_and_whatever_it_does_then_keeps_nobody(string tick)
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(tick, TimeSpan.Zero, TimeSpan.FromDays(1), interleave: true, keepAlive: false);
        await silo.Probe.Heard($"tick {tick}");

        await grain.LeaveAsync();

        await grain.ChangeNothingAsync().WaitAsync(s_limit);
        await silo.Probe.Heard("deactivated");
    }

    [Fact]
    public async Task Calls_that_wait_for_an_end_go_elsewhere_when_that_is_given_up()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ILifeGrain>("slow-end");
        await grain.IdAsync();
        var first = TheActivation(silo);
        await grain.LeaveAsync();
        await silo.Probe.Heard("deactivated slow-end: ApplicationRequested");
        var after = grain.IdAsync();

        first.Abandon(new SiloUnavailableException("The test gives it up."));

        await after.WaitAsync(s_limit);
        silo.Probe.Open("end");
        await silo.Probe.Heard("disposed slow-end");
    }

    [Fact]
    public async Task An_activation_that_is_given_up_is_counted_and_disposed()
    {
        await using var silo = await TestSilo.StartAsync();
        var live = 0L;
        using var listener = CountActivations(silo, change => Interlocked.Add(ref live, change));
        var holding = silo.Grains.GetGrain<ILifeGrain>("busy").HoldAsync();
        await silo.Probe.Heard("holding");
        var busy = TheActivation(silo);
        Assert.Equal(1, live);

        busy.Abandon(new SiloUnavailableException("The test gives it up."));

        await Assert.ThrowsAsync<SiloUnavailableException>(() => holding);
        Assert.Equal(0, live);
        Assert.Equal(0, silo.Probe.Count("disposed busy"));
        silo.Probe.Open("hold");
        await silo.Probe.Heard("disposed busy");
        await silo.Grains.GetGrain<ILifeGrain>("idle").IdAsync();
        TheActivation(silo).Abandon(new SiloUnavailableException("The test gives it up."));
        await silo.Probe.Heard("disposed idle");
        Assert.Equal(0, live);
    }

    [Fact]
    public async Task A_call_that_was_given_up_before_its_first_step_does_not_start()
    {
        var executor = new HoldingExecutor();
        await using var silo = await TestSilo.StartAsync(s => s.Services.AddSingleton<Executor>(executor));
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        silo.Probe.Open("1");
        silo.Probe.Open("3");
        await grain.PlainAsync("1");

        executor.Hold();
        await grain.NotifyAsync("2");
        TheActivation(silo).Abandon(new SiloUnavailableException("The test gives it up."));
        executor.Release();

        await grain.PlainAsync("3");
        Assert.Equal(0, silo.Probe.Count("started 2"));
    }

    [Fact]
    public async Task Idle_activations_are_collected_after_their_age_and_used_ones_are_not()
    {
        var clock = new FakeClock();
        await using var silo = await TestSilo.StartAsync(clock);
        var idle = silo.Grains.GetGrain<ILifeGrain>("idle");
        var used = silo.Grains.GetGrain<ILifeGrain>("used");
        await idle.IdAsync();
        var usedId = await used.IdAsync();

        for (var minute = 0; minute < 17; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(usedId, await used.IdAsync());
        }

        await silo.Probe.Heard("deactivated idle: ActivationIdle");
        Assert.Equal(0, silo.Probe.Count("deactivated used: ActivationIdle"));
    }

    [Fact]
    public async Task Attributes_and_delays_change_the_age_at_which_activations_are_collected()
    {
        var clock = new FakeClock();
        await using var silo = await TestSilo.StartAsync(clock);
        var lasting = silo.Grains.GetGrain<ILastingGrain>("a");
        var brief = silo.Grains.GetGrain<IBriefGrain>("a");
        var delayed = silo.Grains.GetGrain<ILifeGrain>("delayed");
        var (lastingId, briefId) = (await lasting.IdAsync(), await brief.IdAsync());
        await delayed.DelayAsync(TimeSpan.FromHours(2));

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotEqual(briefId, await brief.IdAsync());
        clock.Advance(TimeSpan.FromMinutes(60));

        Assert.Equal(lastingId, await lasting.IdAsync());
        Assert.Equal(0, silo.Probe.Count("deactivated delayed: ActivationIdle"));
        clock.Advance(TimeSpan.FromMinutes(90));
        await silo.Probe.Heard("deactivated delayed: ActivationIdle");
    }

    [Fact]
    public async Task A_silo_that_stops_finishes_running_calls_and_deactivates_its_grains()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grains.GetGrain<ILifeGrain>("a").IdAsync();
        var holding = silo.Grains.GetGrain<ILifeGrain>("b").HoldAsync();
        await silo.Probe.Heard("holding");

        var stopping = silo.StopAsync();
        await silo.Probe.Heard("deactivated a: ShuttingDown");
        silo.Probe.Open("hold");
        await stopping;

        await holding;
        Assert.Equal(1, silo.Probe.Count("deactivated b: ShuttingDown"));
    }

    private static GrainActivation TheActivation(TestSilo silo) =>
        Assert.Single(silo.Services.GetRequiredService<ActivationTable>().Activations());

    private static MeterListener CountActivations(TestSilo silo, Action<long> changed)
    {
        var meter = silo.Services.GetRequiredService<IMeterFactory>().Create(RuntimeInstruments.MeterName);
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, meter) && instrument.Name == "vault.runtime.activations")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, change, _, _) => changed(change));
        listener.Start();
        return listener;
    }

    /// <summary>The thread pool, which can be too busy for turns.</summary>
    private sealed class HoldingExecutor : Executor
    {
        private readonly Lock _gate = new();
        private List<IThreadPoolWorkItem>? _held;

        public void Hold()
        {
            lock (_gate)
            {
                _held = [];
            }
        }

        /// <summary>Runs on this thread what was held.</summary>
        public void Release()
        {
            List<IThreadPoolWorkItem> held;
            lock (_gate)
            {
                (held, _held) = (_held!, null);
            }

            held.ForEach(static item => item.Execute());
        }

        public override void Queue(IThreadPoolWorkItem item, bool preferLocal)
        {
            lock (_gate)
            {
                if (_held is { } held)
                {
                    held.Add(item);
                    return;
                }
            }

            base.Queue(item, preferLocal);
        }
    }
}
