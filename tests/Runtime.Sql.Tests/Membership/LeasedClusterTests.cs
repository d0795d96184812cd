using System.Diagnostics;
using Vault.Runtime.Sql.Membership;
using Vault.Sql;
using Vault.Sql.Tests;

namespace Vault.Runtime.Sql.Tests.Membership;

public sealed class LeasedClusterTests(Databases databases)
{
    [Fact]
    public async Task Silos_that_start_together_become_owners_of_one_view_and_share_the_grains()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 3);

        var places = await Task.WhenAll(Enumerable.Range(0, 60)
            .Select(key => cluster.Silos[key % 3].Grains.GetGrain<ITallyGrain>(key).WhereAsync()));

        Assert.Equal(
            cluster.Silos.Select(s => s.Address.ToParsableString()).Order(), places.Distinct().Order());
        Assert.All(cluster.Silos, silo => Assert.Null(silo.Health.Problem));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task No_call_fails_while_a_silo_leaves_in_order(bool tcp)
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 3, tcp);
        var leaver = cluster.Silos[2];
        using var stopped = new CancellationTokenSource();
        var longest = TimeSpan.Zero;
        var calls = Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var key = worker; !stopped.IsCancellationRequested; key += 8)
            {
                var watch = Stopwatch.StartNew();
                await cluster.Silos[worker % 2].Grains.GetGrain<ITallyGrain>(key % 200).NextAsync();
                longest = watch.Elapsed > longest ? watch.Elapsed : longest;
                await Task.Yield();
            }
        }).ToList();

        await leaver.StopAsync();
        await cluster.SettleAsync(2, leaver);
        await stopped.CancelAsync();
        await Task.WhenAll(calls);

        TestContext.Current.TestOutputHelper?.WriteLine($"longest call {longest}");
        Assert.Equal([leaver.Address], cluster.Silos[0].Views.Current.Retired);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_silo_that_died_is_removed_after_its_silence_and_its_grains_are_served_elsewhere(bool tcp)
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 3, tcp);
        var victim = cluster.Silos[1];
        var grain = SqlCluster.GrainOf(victim, cluster.Silos[0]);
        Assert.Equal(1, await grain.NextAsync());

        var watch = Stopwatch.StartNew();
        await victim.KillAsync();
        Assert.Equal(1, await RetriedAsync(grain));

        TestContext.Current.TestOutputHelper?.WriteLine($"served again after {watch.Elapsed}");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(12));
        await cluster.SettleAsync(2, victim);
    }

    [Fact]
    public async Task A_silo_that_its_supervisor_has_reaped_is_removed_at_once()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2);
        var victim = cluster.Silos[1];
        var grain = SqlCluster.GrainOf(victim, cluster.Silos[0]);
        Assert.Equal(1, await grain.NextAsync());
        await using var database = await Database.OpenPostgresAsync(
            new PostgresOptions { ConnectionString = cluster.ConnectionString }, TimeProvider.System);

        await victim.KillAsync();
        var watch = Stopwatch.StartNew();
        Assert.True(await SqlMembershipServices.TryEndLeaseAsync(database, victim.Process));
        Assert.Equal(1, await grain.NextAsync());

        TestContext.Current.TestOutputHelper?.WriteLine($"served again after {watch.Elapsed}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_silo_stopped_beyond_its_lease_answers_nothing_and_joins_again_as_another_generation(bool tcp)
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2, tcp);
        var (paused, other) = (cluster.Silos[0], cluster.Silos[1]);
        var before = paused.Address;
        var local = SqlCluster.GrainOf(paused, paused);
        var remote = SqlCluster.GrainOf(paused, other, skip: 1);
        var (held, heldRemotely) = (local.HoldAsync("a"), remote.HoldAsync("b"));
        await Task.WhenAll(cluster.Gates.Entered("a"), cluster.Gates.Entered("b"));

        paused.Store.Cut();
        paused.Clock.Leap(TimeSpan.FromSeconds(3.5));
        cluster.Gates.Open("a");
        cluster.Gates.Open("b");

        await Assert.ThrowsAsync<SiloUnavailableException>(() => held);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => heldRemotely);
        await Assert.ThrowsAsync<SiloUnavailableException>(local.NextAsync);
        Assert.NotNull(paused.Health.Problem);
        await other.SeesAsync(s => s.Current.Owners.Length == 1);
        Assert.Equal(1, await remote.NextAsync());

        paused.Store.Mend();
        await cluster.SettleAsync(2);
        Assert.True(paused.Address.Generation > before.Generation);
        Assert.Null(paused.Health.Problem);
        var again = SqlCluster.GrainOf(paused, other);
        Assert.Equal(paused.Address.ToParsableString(), await again.WhereAsync());
        Assert.Equal(paused.Address.ToParsableString(), await SqlCluster.GrainOf(paused, paused).WhereAsync());
    }

    [Fact]
    public async Task A_silo_whose_scheduler_hangs_loses_its_lease()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2);
        var (hung, other) = (cluster.Silos[0], cluster.Silos[1]);
        var grain = SqlCluster.GrainOf(hung, other);
        Assert.Equal(1, await grain.NextAsync());

        hung.Executor.Hold();
        await other.SeesAsync(s => !s.Current.Contains(hung.Address));
        Assert.Equal(1, await grain.NextAsync());
    }

    [Fact]
    public async Task A_silo_that_cannot_acknowledge_a_view_stops_renewing_so_that_others_go_on()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2);
        var (stuck, other) = (cluster.Silos[0], cluster.Silos[1]);
        var before = stuck.Address;

        stuck.Store.HoldAcknowledgements();
        var third = await cluster.AddAsync();
        await other.SeesAsync(s => s.Current.Contains(third.Address) && !s.Current.Contains(before));
        stuck.Store.ReleaseAcknowledgements();

        await cluster.SettleAsync(3);
        Assert.True(stuck.Address.Generation > before.Generation);
        Assert.Equal(1, await SqlCluster.GrainOf(stuck, other).NextAsync());
    }

    [Fact]
    public async Task A_silo_that_cannot_understand_the_tables_stops_renewing_so_that_others_go_on()
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 2);
        var (stuck, other) = (cluster.Silos[0], cluster.Silos[1]);
        var before = stuck.Address;

        stuck.Store.Garble();
        await other.SeesAsync(s => !s.Current.Contains(before));
        stuck.Store.Mend();

        await cluster.SettleAsync(2);
        Assert.True(stuck.Address.Generation > before.Generation);
        Assert.Equal(1, await SqlCluster.GrainOf(stuck, other).NextAsync());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_silo_removed_before_it_knew_that_it_had_joined_starts_as_another_generation(bool forgotten)
    {
        await using var cluster = await SqlCluster.StartAsync(databases, silos: 1);
        var other = cluster.Silos[0];
        await using var database = await Database.OpenPostgresAsync(
            new PostgresOptions { ConnectionString = cluster.ConnectionString }, TimeProvider.System);
        var (port, store) = (0, (FaultyStore?)null);

        var starting = cluster.AddAsync((p, s) =>
        {
            (port, store) = (p, s);
            s.CutWhenJoined();
        });
        var joined = await other.SeesAsync(s => s.Current.Owners.Length == 2);
        Assert.True(await SqlMembershipServices.TryEndLeaseAsync(database, SqlSilo.ProcessOf(port)));
        await other.SeesAsync(s => s.Current.Owners.Length == 1);
        if (forgotten)
        {
            var name = new Npgsql.NpgsqlConnectionStringBuilder(cluster.ConnectionString).Database!;
            await (await databases.Postgres).ExecuteAsync(name, "delete from silo where gone is not null");
        }

        Assert.False(starting.IsCompleted);
        store!.Mend();
        var silo = await starting.WaitAsync(TimeSpan.FromSeconds(30));

        await cluster.SettleAsync(2);
        Assert.DoesNotContain(joined.Current.Owners, m => m.Address.Equals(silo.Address));
        Assert.Null(silo.Health.Problem);
        Assert.Equal(1, await SqlCluster.GrainOf(silo, other).NextAsync());
    }

    /// <summary>A caller that repeats a call whose outcome is unknown, as a gateway's client does.</summary>
    private static async Task<int> RetriedAsync(ITallyGrain grain)
    {
        while (true)
        {
            try
            {
                return await grain.NextAsync();
            }
            catch (SiloUnavailableException)
            {
                await Task.Yield();
            }
        }
    }
}
