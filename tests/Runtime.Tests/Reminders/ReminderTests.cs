using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Reminders;

public sealed class ReminderTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_reminder_ticks_also_when_its_grain_is_not_active_until_it_is_removed()
    {
        await using var silo = await TestSilo.StartAsync(_clock, s => s.UseInMemoryReminderService());
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.RemindAsync("r", TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(2));
        await grain.LeaveAsync();
        Assert.Equal(["r"], await grain.RemindersAsync());

        _clock.Advance(TimeSpan.FromMinutes(3));
        await silo.Probe.Heard("reminded r 2");
        _clock.Advance(TimeSpan.FromMinutes(2));
        await silo.Probe.Heard("reminded r 2", 2);

        await grain.ForgetAsync("r");
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(await grain.RemindersAsync());
        Assert.Equal(2, silo.Probe.Count("reminded r 2"));
    }

    [Fact]
    public async Task A_reminder_registered_again_has_its_new_period()
    {
        await using var silo = await TestSilo.StartAsync(_clock, s => s.UseInMemoryReminderService());
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.RemindAsync("r", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await grain.RemindAsync("r", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(7));

        _clock.Advance(TimeSpan.FromMinutes(5));

        await silo.Probe.Heard("reminded r 7");
        Assert.Equal(0, silo.Probe.Count("reminded r 1"));
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        await using var silo = await TestSilo.StartAsync(_clock, s => s.UseInMemoryReminderService());

        await Assert.ThrowsAsync<ArgumentException>(
            () => silo.Grains.GetGrain<ITimerGrain>("a").RemindAsync("r", TimeSpan.Zero, TimeSpan.FromSeconds(59)));
    }

    [Fact]
    public async Task Without_a_reminder_service_the_error_says_what_to_add()
    {
        await using var silo = await TestSilo.StartAsync();

        var thrown = await Assert.ThrowsAsync<OrleansConfigurationException>(
            () => silo.Grains.GetGrain<ITimerGrain>("a").RemindAsync("r", TimeSpan.Zero, TimeSpan.FromMinutes(1)));

        Assert.Contains("UseInMemoryReminderService", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminders_of_a_killed_silo_tick_on_another()
    {
        var probe = new Probe();
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureHost(host => host.Services.AddSingleton<TimeProvider>(_clock).AddSingleton(probe));
        builder.ConfigureSilo((_, silo) => silo.UseInMemoryReminderService());
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        InProcessSiloHandle? victim = null;
        for (var i = 0; victim is null; i++)
        {
            // not on the silo that holds the table, which lives in memory
            var grain = cluster.Client.GetGrain<ITimerGrain>($"g{i}");
            await grain.RemindAsync("r", TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
            var place = (await management.GetActivationAddress(grain))!;
            var table = (await management.GetSimpleGrainStatistics())
                .Single(s => s.GrainType.EndsWith("ReminderTableGrain", StringComparison.Ordinal));
            victim = place.Equals(table.SiloAddress) ? null : cluster.GetSiloForAddress(place);
            if (victim is null)
            {
                await grain.ForgetAsync("r");
            }
        }

        await cluster.KillSiloAsync(victim);
        await cluster.WaitForLivenessToStabilizeAsync();
        while (probe.Count("reminded r 1") == 0)
        {
            _clock.Advance(TimeSpan.FromSeconds(30)); // the new owner reads the table when it hears of the view
            await management.GetTotalActivationCount();
        }
    }
}
