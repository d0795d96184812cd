using Orleans.TestingHost;
using Vault.Runtime.Exceptions;
using Vault.Runtime.Tests.Grains;

namespace Vault.Runtime.Tests.Ownership;

public sealed class ClusterTests
{
    [Fact]
    public async Task Grains_spread_over_the_silos_and_each_is_in_one_place()
    {
        await using var cluster = await StartAsync(3);

        var places = new Dictionary<string, int>();
        for (var i = 0; i < 60; i++)
        {
            var place = await Grain(cluster, i).WhereAsync();
            places[place] = places.GetValueOrDefault(place) + 1;
            foreach (var silo in cluster.Silos)
            {
                var factory = (IGrainFactory)silo.ServiceProvider.GetService(typeof(IGrainFactory))!;
                Assert.Equal(place, await factory.GetGrain<IPlaceGrain>($"g{i}").WhereAsync());
            }
        }

        Assert.Equal(3, places.Count);
        Assert.All(places.Values, count => Assert.InRange(count, 8, 35));
    }

    [Fact]
    public async Task Messages_references_and_exceptions_cross_silos()
    {
        await using var cluster = await StartAsync(2);

        for (var i = 0; i < 8; i++)
        {
            var echoed = await Grain(cluster, i).EchoAsync(new Note { Text = "ü", Number = i });
            Assert.Equal(new Note { Text = "ü", Number = i + 1 }, echoed);
            Assert.Equal(
                await Grain(cluster, i + 1).WhereAsync(), await Grain(cluster, i).CallAsync(Grain(cluster, i + 1)));
            var thrown = await Assert.ThrowsAsync<KeyNotFoundException>(() => Grain(cluster, i).FailAsync());
            Assert.Equal("nothing here", thrown.Message);
            Assert.Contains(nameof(PlaceGrain.FailAsync), thrown.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Request_context_crosses_silos()
    {
        await using var cluster = await StartAsync(2);
        RequestContext.Set("trace", "t1");
        try
        {
            for (var i = 0; i < 6; i++)
            {
                Assert.Equal("t1", await Grain(cluster, i).ContextAsync("trace"));
            }
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    [Fact]
    public async Task A_call_cycle_across_silos_is_reported_and_may_be_allowed()
    {
        await using var cluster = await StartAsync(2);
        var (here, there) = await TwoPlacesAsync(cluster);

        await Assert.ThrowsAsync<CallCycleException>(() => here.CallBackAsync(there, allow: false));
        Assert.Equal(await here.WhereAsync(), await here.CallBackAsync(there, allow: true));
    }

    [Fact]
    public async Task A_cancelled_token_reaches_a_grain_on_another_silo()
    {
        await using var cluster = await StartAsync(2);
        var grain = Grain(cluster, 1);
        using var cancel = new CancellationTokenSource();

        var waiting = grain.WaitAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await grain.WhereAsync();
    }

    [Fact]
    public async Task Grains_of_a_stopped_silo_are_served_by_the_others_and_no_call_fails()
    {
        await using var cluster = await StartAsync(3);
        var victim = cluster.Silos[1];
        using var stop = new CancellationTokenSource();
        using var started = new CountdownEvent(8);
        var callers = Enumerable.Range(0, 8).Select(c => Task.Run(async () =>
        {
            var calls = 0;
            while (!stop.IsCancellationRequested)
            {
                await Grain(cluster, (c * 100) + (calls % 40)).WhereAsync();
                if (calls++ == 40)
                {
                    started.Signal();
                }
            }

            return calls;
        })).ToList();

        await Task.Run(started.Wait);
        await cluster.StopSiloAsync(victim);
        await stop.CancelAsync();
        var total = (await Task.WhenAll(callers)).Sum();

        Assert.True(total > 0);
        for (var i = 0; i < 40; i++)
        {
            Assert.NotEqual(victim.SiloAddress.ToParsableString(), await Grain(cluster, i).WhereAsync());
        }
    }

    [Fact]
    public async Task Calls_under_way_on_a_killed_silo_end_as_unavailable_and_its_grains_move()
    {
        await using var cluster = await StartAsync(2);
        var (here, _) = await TwoPlacesAsync(cluster);
        var victim = cluster.GetSiloForAddress(SiloAddress.FromParsableString(await here.WhereAsync()))!;
        var waiting = here.WaitAsync(CancellationToken.None);
        await here.ArrivedAsync();

        await cluster.KillSiloAsync(victim);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => waiting);
        Assert.NotEqual(victim.SiloAddress.ToParsableString(), await here.WhereAsync());
    }

    [Fact]
    public async Task A_silo_that_joins_takes_its_share_of_grains()
    {
        await using var cluster = await StartAsync(1);
        for (var i = 0; i < 40; i++)
        {
            await Grain(cluster, i).WhereAsync();
        }

        var added = await cluster.StartAdditionalSiloAsync();
        await cluster.WaitForLivenessToStabilizeAsync();

        var moved = 0;
        for (var i = 0; i < 40; i++)
        {
            moved += await Grain(cluster, i).WhereAsync() == added.SiloAddress.ToParsableString() ? 1 : 0;
        }

        Assert.InRange(moved, 8, 32);
    }

    [Fact]
    public async Task A_test_cluster_runs_configurators_and_restarts_silos()
    {
        var builder = new TestClusterBuilder(2);
        builder.AddSiloBuilderConfigurator<Configurator>();
        await using var cluster = builder.Build();
        await cluster.DeployAsync();

        var grain = cluster.GrainFactory.GetGrain<IPlaceGrain>("a");
        var before = await grain.WhereAsync();
        var restarted = await cluster.RestartSiloAsync(
            cluster.GetSiloForAddress(SiloAddress.FromParsableString(before))!);

        Assert.NotEqual(before, restarted!.SiloAddress.ToParsableString());
        Assert.NotEqual(before, await grain.WhereAsync());
        Assert.Equal(2, cluster.Silos.Count);
    }

    private static async Task<InProcessTestCluster> StartAsync(short silos)
    {
        var cluster = new InProcessTestClusterBuilder(silos).Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static IPlaceGrain Grain(InProcessTestCluster cluster, int number) =>
        cluster.Client.GetGrain<IPlaceGrain>($"g{number}");

    private static async Task<(IPlaceGrain Here, IPlaceGrain There)> TwoPlacesAsync(InProcessTestCluster cluster)
    {
        var here = Grain(cluster, 0);
        var place = await here.WhereAsync();
        for (var i = 1; ; i++)
        {
            if (await Grain(cluster, i).WhereAsync() != place)
            {
                return (here, Grain(cluster, i));
            }
        }
    }

    private sealed class Configurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddMemoryGrainStorageAsDefault();
    }
}
