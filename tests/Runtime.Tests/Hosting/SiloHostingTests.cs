using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Hosting;

public sealed class SiloHostingTests
{
    [Fact]
    public async Task Startup_tasks_run_once_the_silo_serves_and_may_call_grains()
    {
        var answer = 0L;
        await using var silo = await TestSilo.StartAsync(builder => builder.AddStartupTask(async (services, ct) =>
            answer = await ((IGrainFactory)services.GetService(typeof(IGrainFactory))!)
                .GetGrain<ICounterGrain>(1)
                .AddAsync(7)));

        Assert.Equal(7, answer);
    }

    [Fact]
    public async Task The_management_grain_tells_of_silos_and_activations_and_collects_idle_ones()
    {
        await using var silo = await TestSilo.StartAsync();
        var management = silo.Grains.GetGrain<IManagementGrain>(0);
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");
        var address = Assert.Single(await management.GetHosts(onlyActive: true)).Key;
        Assert.Null(await management.GetActivationAddress(grain));

        await grain.IdAsync();

        Assert.Equal(address, await management.GetActivationAddress(grain));
        var statistic = Assert.Single(
            await management.GetSimpleGrainStatistics(), s => s.GrainType == typeof(LifeGrain).FullName);
        Assert.Equal((address, 1), (statistic.SiloAddress, statistic.ActivationCount));
        await management.ForceActivationCollection(TimeSpan.Zero);
        await silo.Probe.Heard("deactivated a: ActivationIdle");
    }

    [Fact]
    public async Task Calls_and_activations_are_measured()
    {
        var measured = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Vault.Runtime")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, 1, tags));
        await using var silo = await TestSilo.StartAsync();
        listener.Start();
        var turns = silo.Grains.GetGrain<IPlainTurnGrain>("measured");
        var first = turns.PlainAsync("1");
        await silo.Probe.Heard("started 1");
        var second = turns.PlainAsync("1");
        silo.Probe.Open("1");
        await Task.WhenAll(first, second);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => silo.Grains.GetGrain<ICounterGrain>(1).FailAsync("x"));

        listener.RecordObservableInstruments();

        Assert.True(measured["vault.runtime.calls ok"] >= 2);
        Assert.True(measured["vault.runtime.calls error"] >= 1);
        Assert.True(measured["vault.runtime.activations counter"] >= 1);
        Assert.True(measured["vault.runtime.queue.time"] >= 1);

        void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = tags.IsEmpty ? name : $"{name} {tags[0].Value}";
            measured.AddOrUpdate(key, value, (_, sum) => sum + value);
        }
    }
}
