using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Activation;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Activation;

public sealed class LifecycleTests
{
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
    public async Task A_deactivation_asked_for_in_the_moment_that_the_activation_is_ready_comes_before_any_call()
    {
        await using var silo = await TestSilo.StartAsync();
        var table = silo.Services.GetRequiredService<ActivationTable>();
        var meter = silo.Services.GetRequiredService<IMeterFactory>().Create(RuntimeInstruments.MeterName);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, meter) && instrument.Name == "vault.runtime.activations")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            if (value > 0 && silo.Probe.Count("activating a") == 1)
            {
                Assert.Single(table.Activations()).Deactivate(
                    new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The test asks for it."));
            }
        });
        listener.Start();

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
}
