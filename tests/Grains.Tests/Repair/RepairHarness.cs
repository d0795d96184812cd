using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Objects;
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

/// <summary>Six nodes on loopback, and a silo without a volume.</summary>
public abstract class RepairHarness(Databases databases) : IAsyncLifetime
{
    private protected const int ChunkBytes = 10;
    private long _epoch = 10;

    private protected Databases Databases { get; } = databases;

    private protected List<ShardHost> Hosts { get; } = [];

    private protected string Root { get; } = Directory.CreateTempSubdirectory("vault-repair-").FullName;

    private protected ShardClient Client { get; private set; } = null!;

    private protected Cluster Cluster { get; private set; } = null!;

    private protected BucketView Bucket { get; private set; } = null!;

    private protected IRepairGrain Repair => Cluster.Grains.GetGrain<IRepairGrain>(0);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        foreach (var host in Hosts) await host.DisposeAsync();
        Client.Network!.Dispose();
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected async Task StartAsync(SqlKind kind, PostgresOptions? postgres = null)
    {
        for (uint i = 1; i <= 6; i++) Hosts.Add(await ShardHost.StartAsync(Root, i));
        Client = ShardHost.Client(Hosts);
        Cluster = await Cluster.StartAsync(Databases, kind, Configure, postgres);
        Bucket = await Cluster.BucketAsync();
    }

    /// <summary>A silo of those nodes that does nothing by itself, and waits for nothing.</summary>
    private protected void Configure(IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Singleton(Client));
        services.Configure<ReclaimOptions>(o =>
        {
            (o.Period, o.DeadGrace, o.OrphanAge) = (TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.Zero);
        });
        services.Configure<RepairOptions>(o =>
        {
            (o.Period, o.FirstWait) = (TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(1));
        });
    }

    private protected void Publish(int down = -1, ShardHost? lost = null)
    {
        var nodes = Hosts
            .Select((h, i) => i == down ? h.Node with { Up = false, Endpoint = "127.0.0.1:1" } : h.Node).ToList();
        if (lost is not null)
        {
            nodes.Add(lost.Node with
            {
                Up = false, Volumes = [new ShardVolume { Number = lost.Volume.Number, Writable = false, Lost = true }],
            });
        }

        Client.Network!.Publish(new NodeMap(++_epoch, [.. nodes]));
    }

    private protected async Task<BodyManifest> PutAsync(string key, int chunks, int without = -1)
    {
        var body = await StoreAsync(chunks, without);
        var put = Seed.PutStored(Bucket.BucketId, key, body.Attempt.ObjectId, body.TotalBytes);
        var cbor = body.Encode();
        var pages = cbor.Length > 48 << 10 ? (cbor.Length + (48 << 10) - 1) / (48 << 10) : 0;
        for (var page = 0; page < pages; page++)
        {
            await Cluster.Grains.GetGrain<IManifestGrain>(0).StagePageAsync(
                body.Attempt.ObjectId, page,
                cbor.AsMemory(page * (48 << 10), Math.Min(48 << 10, cbor.Length - page * (48 << 10))), default);
        }

        var result = await Cluster.PutAsync(put with
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
    private protected async Task<BodyManifest> StoreAsync(int chunks, int without = -1)
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
                var receipt = await Hosts[host].Volume.AppendAsync(
                    new ShardHeader(cid, attempt.ObjectId, (uint)chunk, (ushort)i), shard);
                shards[6 * chunk + i] = new ShardLocation(cid, receipt.VolumeNumber, receipt.Sequence);
            }
        }

        return new BodyManifest(attempt, 4, 2, ChunkBytes, chunks * (long)ChunkBytes, shards);
    }

    /// <summary>
    /// The manifest as stored now: the same shards, each where it says, no two of a chunk on one host.
    /// </summary>
    private protected async Task<BodyManifest> WholeAsync(BodyManifest body)
    {
        var row = await Cluster.Database.ReadFirstAsync(RepairTable.Manifest, body.Attempt.ObjectId, default);
        var pages = await Cluster.Database.ReadAsync(ReclaimTable.Pages, body.Attempt.ObjectId, default);
        Assert.True(BodyManifest.TryDecode(row!.Body ?? pages.SelectMany(static p => p).ToArray(), out var now));
        Assert.Equal(row.Pages, Math.Max(1, pages.Count));
        Assert.Equal(
            body.Shards.ToArray().Select(static s => s.Cid), now.Shards.ToArray().Select(static s => s.Cid));
        for (var chunk = 0; chunk < now.ChunkCount; chunk++)
        {
            var shards = now.ShardsOf(chunk).ToArray();
            Assert.Equal(6, shards.Select(static s => s.Volume).Distinct().Count());
            Assert.All(shards, s => Assert.Contains(Hosts, h => Holds(h, s)));
        }

        return now;
    }

    private protected async Task RemoveAsync(BodyManifest body, int index)
    {
        var shard = body.ShardsOf(0)[index];
        await Hosts.Find(h => h.Volume.Number == shard.Volume)!.Volume.DeleteAsync(shard.Cid, shard.Sequence);
    }

    private protected async Task<long> IrreparableAsync() =>
        (await Cluster.Database.ReadFirstAsync(RepairTable.Count, true, default))!.Irreparable;

    private protected static bool Holds(ShardHost host, ShardLocation shard) =>
        host.Volume.Number == shard.Volume && host.Volume.Find(shard.Cid) is { State: ShardState.Live };

    private protected static NodeRegistration Registration(ShardHost host) => new()
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
