using System.Globalization;
using System.Security.Cryptography;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Tests.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.Repair;

/// <summary>Six nodes on loopback, one silo without a volume that repairs what they lose.</summary>
public sealed class RepairTests(Databases databases) : RepairHarness(databases)
{
    [Theory, OnBoth]
    public async Task Shards_that_a_write_went_without_are_made_when_their_host_is_back(SqlKind kind)
    {
        await StartAsync(kind);
        Publish(down: 2);
        var small = await PutAsync("small", chunks: 3, without: 2);
        var paged = await PutAsync("paged", chunks: 250, without: 2);
        Assert.True(paged.Encode().Length > 48 << 10);
        Assert.Equal(2, (await Repair.RunAsync(default)).Pending); // no host is left to take them
        Publish();

        var progress = await Repair.RunAsync(default);

        Assert.Equal((0, 253), (progress.Pending, progress.Rebuilt));
        foreach (var body in new[] { small, paged })
        {
            var now = await WholeAsync(body);
            Assert.Equal(body.Shards.Length, now.Shards.ToArray().Count(s => Hosts.Any(h => Holds(h, s))));
        }
    }

    [Theory, OnBoth]
    public async Task A_host_that_comes_back_empty_gets_its_share_again(SqlKind kind)
    {
        await StartAsync(kind);
        var directory = Cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        foreach (var host in Hosts) await directory.RegisterAsync(Registration(host), default);
        var bodies = new List<BodyManifest>();
        for (var i = 0; i < 20; i++) bodies.Add(await PutAsync($"body{i}", chunks: 1 + i));
        var lost = Hosts[3];
        await lost.DisposeAsync();
        Directory.Delete(Path.Combine(Root, $"volume{lost.Volume.Number}"), recursive: true);
        Hosts[3] = await ShardHost.StartAsync(
            Root, 20, lost.Host, int.Parse(lost.Endpoint.Split(':')[1], CultureInfo.InvariantCulture));
        await directory.RegisterAsync(Registration(Hosts[3]), default);
        Publish(lost: lost);

        var progress = await Repair.RunAsync(default);

        Assert.Equal((0, 0, 210), (progress.Pending, progress.Searching, progress.Rebuilt));
        foreach (var body in bodies)
        {
            var now = await WholeAsync(body);
            Assert.DoesNotContain(now.Shards.ToArray(), s => s.Volume == lost.Volume.Number);
        }

        Assert.Equal(0, (await Repair.RunAsync(default)).Rebuilt - progress.Rebuilt);
    }

    [Theory, OnBoth]
    public async Task Reported_damage_is_made_good_and_a_dead_body_is_left_alone(SqlKind kind)
    {
        await StartAsync(kind);
        var (live, dead) = (await PutAsync("live", chunks: 2), await PutAsync("dead", chunks: 2));
        foreach (var body in new[] { live, dead })
        {
            var shard = body.ShardsOf(1)[5];
            await Client.DeleteAsync(shard.Cid, shard.Volume, shard.Sequence);
        }

        await Cluster.DeleteAsync(Bucket.BucketId, "dead");
        await Repair.ReportAsync([live.Attempt.ObjectId, dead.Attempt.ObjectId, ObjectId.New(default)], default);

        var progress = await Repair.RunAsync(default);

        Assert.Equal((0, 1), (progress.Pending, progress.Rebuilt));
        await WholeAsync(live);
    }

    [Theory, OnBoth]
    public async Task Shards_that_lie_are_not_taken_for_sources(SqlKind kind)
    {
        await StartAsync(kind);
        var body = await PutAsync("body", chunks: 1);
        foreach (var index in new[] { 0, 1 })
        {
            var shard = body.ShardsOf(0)[index];
            var volume = Hosts.Find(h => h.Volume.Number == shard.Volume)!.Volume;
            await volume.DeleteAsync(shard.Cid, shard.Sequence);
            if (index == 0) await volume.AppendAsync(new ShardHeader(shard.Cid, default, 0, 0), new byte[10]);
        }

        await Repair.ReportAsync([body.Attempt.ObjectId], default);
        Assert.Equal(1, (await Repair.RunAsync(default)).Rebuilt); // the lie was found on the way, and reported
        await Repair.ReportAsync([body.Attempt.ObjectId], default);
        Assert.Equal(2, (await Repair.RunAsync(default)).Rebuilt);
        await WholeAsync(body);
    }

    [Theory, OnBoth]
    public async Task A_body_is_irreparable_when_shards_are_gone_not_when_nodes_do_not_answer(SqlKind kind)
    {
        await StartAsync(kind);
        var (silent, gone) = (await PutAsync("silent", chunks: 1), await PutAsync("gone", chunks: 1));
        foreach (var index in new[] { 2, 3, 4 }) await RemoveAsync(gone, index);
        await Repair.ReportAsync([gone.Attempt.ObjectId], default);
        Assert.Equal(1, (await Repair.RunAsync(default)).Pending);
        Assert.Equal(1, await IrreparableAsync());

        await RemoveAsync(silent, 5);
        foreach (var host in Hosts.Take(2)) host.Silence.OnReads = true; // they still say what they have
        await Repair.ReportAsync([silent.Attempt.ObjectId], default);
        Assert.Equal(2, (await Repair.RunAsync(default)).Pending);
        Assert.Equal(0, await IrreparableAsync()); // nor is the other, as far as anybody knows now
    }

    [Theory, OnBoth]
    public async Task The_sweep_takes_shards_of_living_bodies_that_no_manifest_names_any_more(SqlKind kind)
    {
        await StartAsync(kind);
        var body = await PutAsync("body", chunks: 2);
        var shard = body.ShardsOf(0)[0];
        var other = Hosts.Find(h => h.Volume.Number != shard.Volume)!.Volume;
        var stray = RandomNumberGenerator.GetBytes(10);
        var receipt = await other.AppendAsync(
            new ShardHeader(Cid.Compute(stray), body.Attempt.ObjectId, 0, 0), stray);
        var report = await Cluster.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default);
        Assert.Equal(1, report.Orphans);
        Assert.Null(other.Find(Cid.Compute(stray)));
        await WholeAsync(body);
        Assert.True(receipt.Sequence > 0);
    }

    [Theory, OnBoth]
    public async Task Shards_of_the_dead_wait_for_a_node_that_is_away(SqlKind kind)
    {
        await StartAsync(kind);
        var body = await PutAsync("body", chunks: 2);
        await Cluster.DeleteAsync(Bucket.BucketId, "body");
        Publish(down: 1);
        var reclaim = Cluster.Grains.GetGrain<IReclaimGrain>(0);
        Assert.Equal(0, (await reclaim.RunAsync(default)).Manifests);
        Publish();
        Assert.Equal(1, (await reclaim.RunAsync(default)).Manifests);
        Assert.DoesNotContain(body.Shards.ToArray(), s => Hosts.Any(h => Holds(h, s)));
    }

    [Theory, OnBoth]
    public async Task A_commit_with_too_few_shards_is_refused(SqlKind kind)
    {
        await StartAsync(kind);
        var body = await StoreAsync(1);
        var cbor = body.Encode();
        foreach (var index in new[] { 0, 1 })
        {
            var cid = body.ShardsOf(0)[index].Cid.ToArray();
            cbor[cbor.AsSpan().IndexOf(cid) + cid.Length] = 0; // its volume
        }

        var put = Seed.PutStored(Bucket.BucketId, "k", body.Attempt.ObjectId, body.TotalBytes);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Cluster.PutAsync(put with { Body = put.Body with { Manifest = cbor, AbsentShards = 2 } }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Cluster.PutAsync(put with { Body = put.Body with { Manifest = body.Encode(), AbsentShards = 1 } }));
    }
}
