using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Reclaim;
using Vault.Grains.Tests.TwoActivations;
using Vault.Protocol.Manifests;
using Vault.Sql;

namespace Vault.Grains.Tests.Reclaim;

/// <summary>
/// Reminders are hints (decisions §2.6): what is due is in the tables, and is done once whether ticks come, come twice,
/// or do not come; also when the process that was at it ends in the middle.
/// </summary>
public sealed class DueWorkTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Without_any_tick_an_activation_catches_up(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind, static services =>
            services.Configure<ReclaimOptions>(
                static o => (o.Period, o.DeadGrace) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)));
        var body = await DeadAsync(cluster);
        await cluster.Grains.GetGrain<IReclaimGrain>(0).PublishOldestReadAsync("gateway", long.MaxValue, default);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await cluster.Database.CountAsync("manifest") > 0) await timer.WaitForNextTickAsync();
        Assert.All(body.Shards.ToArray(), s => Assert.Null(cluster.Volume.Find(s.Cid)));
    }

    [Theory, OnBoth]
    public async Task Doubled_ticks_do_nothing_again(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind, Idle);
        await DeadAsync(cluster);
        var reclaim = cluster.Grains.GetGrain<IReclaimGrain>(0);
        var reports = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await reclaim.AsReference<IRemindable>().ReceiveReminder("reclaim", default);
            return await reclaim.RunAsync(default);
        }));
        Assert.Equal((1, 2), (reports.Sum(static r => r.Manifests), reports.Sum(static r => r.Shards)));
    }

    [Fact]
    public async Task What_a_process_left_in_the_middle_another_ends()
    {
        await using var twins = await TwinClusters.StartAsync(databases, Idle);
        var dead = await DeadAsync(twins.One);
        var holder = await twins.Sql.HoldAsync("select 1 from manifest for update");

        // What becomes of the call is nobody's business any more.
        _ = twins.One.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default).ContinueWith(
            static ended => ended.Exception, TaskScheduler.Default);
        await twins.Sql.WaitForBlockedAsync(1); // the shards are gone, the row is not
        await twins.One.KillAsync();
        Assert.Equal(1, await twins.Sql.CountAsync("select count(*) from manifest"));
        await holder.DisposeAsync();

        await twins.Two.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default);
        Assert.Equal(0, await twins.Sql.CountAsync("select count(*) from manifest"));
        Assert.All(dead.Shards.ToArray(), s => Assert.Null(twins.Two.Volume.Find(s.Cid)));
        Assert.Empty(await Invariants.CheckAsync(twins.Sql));
        Assert.Empty(await Invariants.CheckVolumeAsync(twins));
    }

    private static void Idle(IServiceCollection services) => services.Configure<ReclaimOptions>(
        static o => (o.Period, o.DeadGrace) = (TimeSpan.FromHours(1), TimeSpan.Zero));

    /// <summary>A body of two chunks that has been deleted, of a bucket with nothing else.</summary>
    private static async Task<BodyManifest> DeadAsync(Cluster cluster)
    {
        var bucket = (await cluster.BucketAsync()).BucketId;
        var body = await Bodies.StoreAsync(cluster.Volume, 2);
        await cluster.PutAsync(Seed.Put(bucket, "k") with { Size = body.TotalBytes, Body = Bodies.Of(body) });
        await cluster.DeleteAsync(bucket, "k");
        return body;
    }
}
