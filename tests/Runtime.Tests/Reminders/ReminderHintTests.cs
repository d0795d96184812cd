using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Reminders;

public sealed class ReminderHintTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Due_work_is_done_once_when_ticks_are_doubled()
    {
        var table = new DueTable();
        await using var silo = await StartAsync(table, async call =>
        {
            await call.Invoke();
            await call.Invoke();
        });
        var grain = silo.Grains.GetGrain<IDueGrain>("a");
        await grain.BookAsync("one", TimeSpan.FromSeconds(90));

        _clock.Advance(TimeSpan.FromMinutes(2));
        await silo.Probe.Heard("done one");
        _clock.Advance(TimeSpan.FromMinutes(5));
        await silo.Probe.Heard("tick", 3);

        Assert.Equal(["one"], table.Done);
    }

    [Fact]
    public async Task Due_work_is_done_when_ticks_are_lost_by_the_next_one_that_comes()
    {
        var table = new DueTable();
        var lost = 0;
        await using var silo = await StartAsync(
            table, call => Interlocked.Increment(ref lost) <= 2 ? Task.CompletedTask : call.Invoke());
        var grain = silo.Grains.GetGrain<IDueGrain>("a");
        await grain.BookAsync("one", TimeSpan.FromSeconds(30));

        for (var ticks = 1; ticks <= 2; ticks++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await silo.Probe.Heard("tick", ticks);
            Assert.Empty(table.Done);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await silo.Probe.Heard("done one");
    }

    [Fact]
    public async Task Due_work_is_done_when_every_tick_is_lost_by_the_next_activation()
    {
        var table = new DueTable();
        await using var silo = await StartAsync(table, _ => Task.CompletedTask);
        var grain = silo.Grains.GetGrain<IDueGrain>("a");
        await grain.BookAsync("one", TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await silo.Probe.Heard("tick");
        Assert.Empty(table.Done);

        await grain.LeaveAsync();
        await grain.BookAsync("two", TimeSpan.FromHours(1));

        await silo.Probe.Heard("done one");
    }

    [Fact]
    public async Task Each_reminder_ticks_on_the_owner_of_its_grain_and_on_no_other_silo()
    {
        var probe = new Probe();
        var builder = new InProcessTestClusterBuilder(3);
        using var log = new ReadLog(probe);
        builder.ConfigureHost(host =>
        {
            host.Services.AddSingleton<TimeProvider>(_clock).AddSingleton(probe);
            host.Logging.AddFilter<ReadLog>(null, LogLevel.Debug).AddProvider(log);
        });
        var table = new SharedReminderTable();
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable>(table);
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        for (var i = 1; i <= 24; i++)
        {
            // the period names it
            await cluster.Client.GetGrain<ITimerGrain>($"g{i}")
                .RemindAsync("r", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(i));
        }

        // every silo reads the whole table again, and keeps what it owns
        await cluster.StartAdditionalSiloAsync();
        foreach (var silo in cluster.Silos)
            await probe.Heard($"{silo.SiloAddress} has read its reminders as one of 4 silos");
        _clock.Advance(TimeSpan.FromMinutes(1));

        for (var i = 1; i <= 24; i++)
        {
            await probe.Heard($"reminded r {i}");
            Assert.Equal(1, probe.Count($"reminded r {i}"));
        }
    }

    private Task<TestSilo> StartAsync(DueTable table, Func<IIncomingGrainCallContext, Task> tick) =>
        TestSilo.StartAsync(_clock, silo =>
        {
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton(table);
            silo.AddIncomingGrainCallFilter(new TickFilter(tick));
        });

    /// <summary>Stands for a network that drops and doubles ticks.</summary>
    private sealed class TickFilter(Func<IIncomingGrainCallContext, Task> tick) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName != nameof(IRemindable.ReceiveReminder))
            {
                await context.Invoke();
                return;
            }

            await tick(context);
            context.TargetContext.ActivationServices.GetRequiredService<Probe>().Say("tick");
        }
    }

    /// <summary>Tells the probe when a silo has read the table.</summary>
    private sealed class ReadLog(Probe probe) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 1403) probe.Say(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
