using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Abstractions.Repair;
using Vault.Grains.Reclaim;
using Vault.Grains.Repair;
using Vault.Grains.Store;
using Vault.Protocol.Encryption;
using Vault.Protocol.Erasure;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Tests.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.Repair;

/// <summary>Six nodes on loopback, one silo without a volume that repairs what they lose.</summary>
public sealed class RepairTests(Databases databases) : IAsyncLifetime
{
    private const int ChunkBytes = 10;
    private readonly List<ShardHost> _hosts = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-repair-").FullName;
    private ShardClient _client = null!;
    private Cluster _cluster = null!;
    private long _epoch = 10;

    private IRepairGrain Repair => _cluster.Grains.GetGrain<IRepairGrain>(0);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

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
            Assert.Equal(body.Shards.Length, now.Shards.ToArray().Count(s => _hosts.Any(h => Holds(h, s))));
        }
    }

    [Theory, OnBoth]
    public async Task A_host_that_comes_back_empty_gets_its_share_again(SqlKind kind)
    {
        await StartAsync(kind);
        var directory = _cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        foreach (var host in _hosts) await directory.RegisterAsync(Registration(host), default);
        var bodies = new List<BodyManifest>();
        for (var i = 0; i < 20; i++) bodies.Add(await PutAsync($"body{i}", chunks: 1 + i));
        var lost = _hosts[3];
        await lost.DisposeAsync();
        Directory.Delete(Path.Combine(_directory, $"volume{lost.Volume.Number}"), recursive: true);
        _hosts[3] = await ShardHost.StartAsync(
            _directory, 20, lost.Host, int.Parse(lost.Endpoint.Split(':')[1], CultureInfo.InvariantCulture));
        await directory.RegisterAsync(Registration(_hosts[3]), default);
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
            await _client.DeleteAsync(shard.Cid, shard.Volume, shard.Sequence);
        }

        await _cluster.DeleteAsync(_bucket.BucketId, "dead");
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
            var volume = _hosts.Find(h => h.Volume.Number == shard.Volume)!.Volume;
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
        foreach (var host in _hosts.Take(2)) host.Silence.OnReads = true; // they still say what they have
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
        var other = _hosts.Find(h => h.Volume.Number != shard.Volume)!.Volume;
        var stray = RandomNumberGenerator.GetBytes(10);
        var receipt = await other.AppendAsync(
            new ShardHeader(Cid.Compute(stray), body.Attempt.ObjectId, 0, 0), stray);
        var report = await _cluster.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default);
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
        await _cluster.DeleteAsync(_bucket.BucketId, "body");
        Publish(down: 1);
        var reclaim = _cluster.Grains.GetGrain<IReclaimGrain>(0);
        Assert.Equal(0, (await reclaim.RunAsync(default)).Manifests);
        Publish();
        Assert.Equal(1, (await reclaim.RunAsync(default)).Manifests);
        Assert.DoesNotContain(body.Shards.ToArray(), s => _hosts.Any(h => Holds(h, s)));
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

        var put = Seed.PutStored(_bucket.BucketId, "k", body.Attempt.ObjectId, body.TotalBytes);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _cluster.PutAsync(put with { Body = put.Body with { Manifest = cbor, AbsentShards = 2 } }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _cluster.PutAsync(put with { Body = put.Body with { Manifest = body.Encode(), AbsentShards = 1 } }));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var host in _hosts) await host.DisposeAsync();
        _client.Network!.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private BucketView _bucket = null!;

    private async Task StartAsync(SqlKind kind)
    {
        for (uint i = 1; i <= 6; i++) _hosts.Add(await ShardHost.StartAsync(_directory, i));
        _client = ShardHost.Client(_hosts);
        _cluster = await Cluster.StartAsync(databases, kind, services =>
        {
            services.Replace(ServiceDescriptor.Singleton(_client));
            services.Configure<ReclaimOptions>(o =>
            {
                (o.Period, o.DeadGrace, o.OrphanAge) = (TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.Zero);
            });
            services.Configure<RepairOptions>(o =>
            {
                (o.Period, o.FirstWait) = (TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(1));
            });
        });
        _bucket = await _cluster.BucketAsync();
    }

    private void Publish(int down = -1, ShardHost? lost = null)
    {
        var nodes = _hosts
            .Select((h, i) => i == down ? h.Node with { Up = false, Endpoint = "127.0.0.1:1" } : h.Node).ToList();
        if (lost is not null)
        {
            nodes.Add(lost.Node with
            {
                Up = false, Volumes = [new ShardVolume { Number = lost.Volume.Number, Writable = false, Lost = true }],
            });
        }

        _client.Network!.Publish(new NodeMap(++_epoch, [.. nodes]));
    }

    private async Task<BodyManifest> PutAsync(string key, int chunks, int without = -1)
    {
        var body = await StoreAsync(chunks, without);
        var put = Seed.PutStored(_bucket.BucketId, key, body.Attempt.ObjectId, body.TotalBytes);
        var cbor = body.Encode();
        var pages = cbor.Length > 48 << 10 ? (cbor.Length + (48 << 10) - 1) / (48 << 10) : 0;
        for (var page = 0; page < pages; page++)
        {
            await _cluster.Grains.GetGrain<IManifestGrain>(0).StagePageAsync(
                body.Attempt.ObjectId, page,
                cbor.AsMemory(page * (48 << 10), Math.Min(48 << 10, cbor.Length - page * (48 << 10))), default);
        }

        var result = await _cluster.PutAsync(put with
        {
            Body = put.Body with
            {
                Manifest = pages == 0 ? cbor : default, ManifestPages = pages, AbsentShards = body.AbsentShards,
            },
        });
        Assert.Equal(CommitStatus.Ok, result.Status);
        return body;
    }

    /// <summary>Chunks of ten bytes, as four shards and two of parity.</summary>
    private async Task<BodyManifest> StoreAsync(int chunks, int without = -1)
    {
        var attempt = new BodyAttempt(ObjectId.New(DateTimeOffset.UtcNow), 1, 1);
        var codec = new ErasureCodec(4, 2);
        var shards = new ShardLocation[6 * chunks];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var unit = codec.ShardBytes(ChunkBytes + ChunkCipher.Overhead);
            var bytes = new byte[6 * unit];
            RandomNumberGenerator.Fill(bytes.AsSpan(0, ChunkBytes + ChunkCipher.Overhead));
            codec.Encode(bytes, unit);
            for (var i = 0; i < 6; i++)
            {
                var host = (chunk + i) % 6;
                var shard = bytes.AsMemory(i * unit, unit);
                var cid = Cid.Compute(shard.Span);
                shards[6 * chunk + i] = ShardLocation.Absent(cid);
                if (host == without) continue;
                var receipt = await _hosts[host].Volume.AppendAsync(
                    new ShardHeader(cid, attempt.ObjectId, (uint)chunk, (ushort)i), shard);
                shards[6 * chunk + i] = new ShardLocation(cid, receipt.VolumeNumber, receipt.Sequence);
            }
        }

        return new BodyManifest(attempt, 4, 2, ChunkBytes, chunks * (long)ChunkBytes, shards);
    }

    /// <summary>
    /// The manifest as stored now: the same shards, each where it says, no two of a chunk on one host.
    /// </summary>
    private async Task<BodyManifest> WholeAsync(BodyManifest body)
    {
        var row = await _cluster.Database.ReadFirstAsync(RepairTable.Manifest, body.Attempt.ObjectId, default);
        var pages = await _cluster.Database.ReadAsync(ReclaimTable.Pages, body.Attempt.ObjectId, default);
        Assert.True(BodyManifest.TryDecode(row!.Body ?? pages.SelectMany(static p => p).ToArray(), out var now));
        Assert.Equal(row.Pages, Math.Max(1, pages.Count));
        Assert.Equal(
            body.Shards.ToArray().Select(static s => s.Cid), now.Shards.ToArray().Select(static s => s.Cid));
        for (var chunk = 0; chunk < now.ChunkCount; chunk++)
        {
            var shards = now.ShardsOf(chunk).ToArray();
            Assert.Equal(6, shards.Select(static s => s.Volume).Distinct().Count());
            Assert.All(shards, s => Assert.Contains(_hosts, h => Holds(h, s)));
        }

        return now;
    }

    private async Task RemoveAsync(BodyManifest body, int index)
    {
        var shard = body.ShardsOf(0)[index];
        await _hosts.Find(h => h.Volume.Number == shard.Volume)!.Volume.DeleteAsync(shard.Cid, shard.Sequence);
    }

    private async Task<long> IrreparableAsync() =>
        (await _cluster.Database.ReadFirstAsync(RepairTable.Count, true, default))!.Irreparable;

    private static bool Holds(ShardHost host, ShardLocation shard) =>
        host.Volume.Number == shard.Volume && host.Volume.Find(shard.Cid) is { State: ShardState.Live };

    private static NodeRegistration Registration(ShardHost host) => new()
    {
        NodeId = host.Volume.Id, Host = host.Host, Endpoint = host.Endpoint,
        Volumes =
        [
            new VolumeReport
            {
                Number = host.Volume.Number, VolumeId = host.Volume.Id, CapacityBytes = 1 << 30, FreeBytes = 1 << 29,
                Writable = true,
            },
        ],
    };
}
