using System.Diagnostics;
using Vault.Sql.Tests;
using Vault.Testing;

namespace Vault.Runtime.Sql.Tests.Membership;

public sealed class LostDatabaseTests(Databases databases)
{
    [Fact]
    public async Task Silos_that_lose_the_database_stop_serving_before_their_leases_end_and_come_back_by_themselves()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var cluster = await SqlCluster.StartAsync(server, silos: 2);
        var (one, two) = (cluster.Silos[0], cluster.Silos[1]);
        var before = cluster.Silos.Select(s => s.Address).ToArray();
        var grain = SqlCluster.GrainOf(two, one);
        var local = SqlCluster.GrainOf(one, one);

        var watch = Stopwatch.StartNew();
        await server.StopServerAsync();
        await RefusedAsync(local);
        TestContext.Current.TestOutputHelper?.WriteLine($"refused after {watch.Elapsed}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(6), $"{watch.Elapsed}");
        await RefusedAsync(grain);
        TestContext.Current.TestOutputHelper?.WriteLine($"refused from afar after {watch.Elapsed}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(12), $"{watch.Elapsed}");
        Assert.All(cluster.Silos, silo => Assert.False(silo.Health.IsReady));

        await server.StartServerAsync();
        watch.Restart();
        await SettledWithoutAsync(cluster, before);
        TestContext.Current.TestOutputHelper?.WriteLine($"back after {watch.Elapsed}");
        Assert.All(cluster.Silos, silo => Assert.Null(silo.Health.Problem));
        Assert.Equal(1, await grain.NextAsync());
        Assert.Equal(1, await local.NextAsync());
    }

    [Fact]
    public async Task A_database_that_went_back_makes_every_silo_drop_its_activations_and_join_above_what_was_seen()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2);
        var server = await databases.Postgres;
        var database = new Npgsql.NpgsqlConnectionStringBuilder(cluster.ConnectionString).Database!;
        await server.ExecuteAsync(
            database,
            "create table saved_state as table cluster_state; create table saved_view as table cluster_view; "
            + "create table saved_silo as table silo");
        await cluster.AddAsync();
        await cluster.SettleAsync(3);
        var before = cluster.Silos.Select(s => s.Address).ToArray();
        var seen = cluster.Silos[0].Views.Current.Number;
        var grain = SqlCluster.GrainOf(cluster.Silos[0], cluster.Silos[0]);
        Assert.Equal(1, await grain.NextAsync());
        Assert.Equal(2, await grain.NextAsync());

        await server.ExecuteAsync(
            database,
            "begin; lock table cluster_state; truncate cluster_state, cluster_view, silo; "
            + "insert into cluster_state select * from saved_state; insert into cluster_view select * from saved_view; "
            + "insert into silo select * from saved_silo; commit");

        await SettledWithoutAsync(cluster, before);
        Assert.All(cluster.Silos, silo => Assert.True(silo.Views.Current.Number > seen + 2));
        Assert.Equal(1, await grain.NextAsync());
    }

    private static async Task SettledWithoutAsync(SqlCluster cluster, SiloAddress[] before)
    {
        foreach (var silo in cluster.Silos)
        {
            await silo.SeesAsync(s => s.Current.Owners.Length == before.Length
                && !s.Current.Members.Any(m => before.Contains(m.Address))
                && s.Acknowledged.Values.All(v => v >= s.Current.Number));
        }
    }

    private static async Task RefusedAsync(ITallyGrain grain)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!limit.IsCancellationRequested)
        {
            try
            {
                await grain.NextAsync();
                await Task.Yield();
            }
            catch (SiloUnavailableException)
            {
                return;
            }
        }

        Assert.Fail("The silo still serves.");
    }
}
