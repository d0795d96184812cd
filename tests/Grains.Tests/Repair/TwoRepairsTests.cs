using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Abstractions.Repair;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Nodes;
using Vault.Grains.Repair;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Tests.Shards;

namespace Vault.Grains.Tests.Repair;

/// <summary>Two activations of repair over one database and the same nodes.</summary>
public sealed class TwoRepairsTests(Databases databases) : RepairHarness(databases)
{
    private const string Grain = "repair/by-itself";

    [Fact]
    public async Task Two_at_once_make_every_body_whole_however_often_they_are_woken()
    {
        var postgres = new PostgresOptions
        {
            ConnectionString = await (await Databases.Postgres).CreateDatabaseAsync(),
        };
        await StartAsync(SqlKind.Postgres, postgres);
        await using var other = await Cluster.StartAsync(Databases, SqlKind.Postgres, Configure, postgres);
        var bodies = new List<BodyManifest>();
        for (var i = 0; i < 12; i++)
        {
            bodies.Add(await PutAsync($"body-{i}", chunks: 2));
            await RemoveAsync(bodies[i], i % 6);
        }

        IRepairGrain[] sides = [Repair, other.Grains.GetGrain<IRepairGrain>(0)];
        foreach (var side in sides) await side.ReportAsync([.. bodies.Select(static b => b.Attempt.ObjectId)], default);
        Assert.Equal(bodies.Count, await Cluster.Database.CountAsync("repair"));
        while (await Cluster.Database.CountAsync("repair") > 0)
        {
            await Task.WhenAll(sides.SelectMany(static side => new[] { side, side }).Select(RunAsync));
        }

        foreach (var body in bodies) await WholeAsync(body);
        await Cluster.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default);
        foreach (var body in bodies) await WholeAsync(body); // what either made in vain has taken nothing along

        static async Task RunAsync(IRepairGrain side)
        {
            await side.AsReference<IRemindable>().ReceiveReminder("repair", default);
            try
            {
                await side.RunAsync(default);
            }
            catch (StoreUnavailableException)
            {
                // The other has begun since; this one is gone.
            }
        }
    }

    /// <summary>Deletes go up to a sequence: what the older one stored is the later record of the same shard.</summary>
    [Theory, OnBoth]
    public async Task One_that_lost_its_fence_deletes_nothing_that_the_newer_one_made(SqlKind kind)
    {
        await StartAsync(kind);
        var body = await PutAsync("body", chunks: 1);
        await RemoveAsync(body, 0);
        using var gate = new Gate(Hosts[3].Endpoint);
        var held = ShardHost.Client(Hosts, options: new ShardNetworkOptions
        {
            ReadTimeout = TimeSpan.FromMinutes(1), ConnectTimeout = TimeSpan.FromMinutes(1),
        });
        using var network = held.Network!;
        network.Publish(new NodeMap(
            2, [.. Hosts.Select((h, i) => i == 3 ? h.Node with { Endpoint = gate.Endpoint } : h.Node)]));
        var late = (await BeginAsync(held)).RunAsync(body.Attempt.ObjectId, default);
        await gate.Reached;

        Assert.Equal(
            RepairOutcome.Whole, await (await BeginAsync(Client)).RunAsync(body.Attempt.ObjectId, default));
        await WholeAsync(body);
        gate.Open();

        await Assert.ThrowsAsync<FenceLostException>(() => late);
        var now = await WholeAsync(body);
        var reclaim = Cluster.Grains.GetGrain<IReclaimGrain>(0);
        Assert.Equal(0, (await reclaim.RunAsync(default)).Orphans); // it has to stay as long as the other is named
        await WholeAsync(body);
        Assert.NotEqual(body.ShardsOf(0)[0].Sequence, now.ShardsOf(0)[0].Sequence);
    }

    [Theory, OnBoth]
    public async Task One_that_lost_its_fence_does_not_move_the_search_for_a_lost_volume(SqlKind kind)
    {
        await StartAsync(kind);
        await PutAsync("body", chunks: 1);
        var (volume, node) = (Hosts[1].Volume, Guid.NewGuid());
        var transaction = Cluster.Database.Begin();
        transaction.Execute(NodeTable.PutNode, new NodeRow { NodeId = node, Host = "h", Endpoint = "h:1" });
        transaction.Execute(NodeTable.PutVolume, new VolumeRow
        {
            Number = volume.Number, VolumeId = volume.Id, NodeId = node, FreeBytes = 1, Lost = false,
        });
        transaction.Execute(NodeTable.Lose, volume.Number);
        await transaction.CommitAsync();
        var old = new LostVolumes(Cluster.Database, await TakeAsync());
        var young = new LostVolumes(Cluster.Database, await TakeAsync());

        await Assert.ThrowsAsync<FenceLostException>(() => old.StepAsync(new RepairOptions(), default));
        Assert.Equal(0, await Cluster.Database.CountAsync("repair"));
        Assert.Empty((await SearchAsync())!.After);

        Assert.True(await young.StepAsync(new RepairOptions(), default));
        Assert.Equal(1, await Cluster.Database.CountAsync("repair"));
        Assert.NotEmpty((await SearchAsync())!.After);

        Task<LostVolume?> SearchAsync() =>
            Cluster.Database.ReadFirstAsync(RepairTable.Search, new SearchAges(1, 1), default);
    }

    [Theory, OnBoth]
    public async Task What_is_reported_while_a_body_is_looked_at_is_not_forgotten(SqlKind kind)
    {
        await StartAsync(kind);
        var id = ObjectId.New(DateTimeOffset.UtcNow);
        await Repair.ReportAsync([id], default);
        var first = await DueAsync();
        await Repair.ReportAsync([id], default);
        await DoneAsync(first);
        var second = await DueAsync();
        Assert.True(second.ToldMs > first.ToldMs);
        await DoneAsync(second);
        Assert.Equal(0, await Cluster.Database.CountAsync("repair"));

        async Task<RepairRow> DueAsync() => (await Cluster.Database.ReadAsync(RepairTable.Due, 10, default)).Single();

        async Task DoneAsync(RepairRow row)
        {
            var transaction = Cluster.Database.Begin();
            transaction.Execute(RepairTable.Done, row);
            await transaction.CommitAsync();
        }
    }

    private async Task<FencedGrain> TakeAsync() => new(Grain, await Fence.TakeAsync(Cluster.Database, Grain, default));

    private async Task<BodyRepair> BeginAsync(ShardClient client) => new(
        Cluster.Database, client, await TakeAsync(), Cluster.Services.GetRequiredService<RepairInstruments>());
}
