using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Reclaim;
using Vault.Grains.Tests.TwoActivations;
using Vault.Grains.Tests.Uploads;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.Reclaim;

/// <summary>
/// With real shards on a real volume. PostgreSQL tells its own time: there the ages are 0 or very long.
/// </summary>
public sealed class ReclaimTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Shards_of_a_dead_manifest_go_and_those_of_a_live_one_stay(SqlKind kind)
    {
        await using var cluster = await StartAsync(kind, o => o.DeadGrace = TimeSpan.Zero);
        var bucket = await cluster.BucketAsync();
        var (dead, live) = (await StoreAsync(cluster, 3), await StoreAsync(cluster, 2));
        await PutAsync(cluster, bucket, "dead", dead);
        await PutAsync(cluster, bucket, "live", live);
        await cluster.DeleteAsync(bucket.BucketId, "dead");

        var report = await ReclaimAsync(cluster);

        Assert.Equal((1, 3, 0), (report.Manifests, report.Shards, report.Orphans));
        Assert.All(dead.Shards.ToArray(), s => Assert.Null(cluster.Volume.Find(s.Cid)));
        Assert.All(live.Shards.ToArray(), s => Assert.NotNull(cluster.Volume.Find(s.Cid)));
        Assert.Null(await cluster.Database.ReferencesAsync(dead.Attempt.ObjectId));
        Assert.Equal((0, 0), ((await ReclaimAsync(cluster)).Manifests, (await ReclaimAsync(cluster)).Shards));
    }

    [Theory, OnBoth]
    public async Task Dead_manifest_waits_for_its_grace_and_for_reads_that_began_before_its_death(SqlKind kind)
    {
        await using var cluster = await StartAsync(
            kind, o => o.DeadGrace = kind == SqlKind.Sqlite ? TimeSpan.FromMinutes(10) : TimeSpan.Zero);
        var bucket = await cluster.BucketAsync();
        var body = await StoreAsync(cluster, 1);
        await PutAsync(cluster, bucket, "k", body);
        var reclaim = cluster.Grains.GetGrain<IReclaimGrain>(0);
        var began = await cluster.Grains.GetGrain<IManifestGrain>(0).GrantAsync(default);
        await cluster.DeleteAsync(bucket.BucketId, "k");
        if (kind == SqlKind.Sqlite)
        {
            Assert.Equal(0, (await ReclaimAsync(cluster)).Manifests);
            cluster.Time.Advance(TimeSpan.FromMinutes(11));
        }

        await reclaim.PublishOldestReadAsync("gateway", began, default);
        Assert.Equal(0, (await ReclaimAsync(cluster)).Manifests);
        Assert.NotNull(cluster.Volume.Find(body.Shards.Span[0].Cid));

        await reclaim.PublishOldestReadAsync("gateway", began + 3_600_000, default);
        Assert.Equal(1, (await ReclaimAsync(cluster)).Manifests);
        Assert.Null(cluster.Volume.Find(body.Shards.Span[0].Cid));
    }

    [Fact]
    public async Task Front_end_that_fell_silent_is_not_waited_for_for_ever()
    {
        await using var cluster = await StartAsync(SqlKind.Sqlite, _ => { });
        var bucket = await cluster.BucketAsync();
        await PutAsync(cluster, bucket, "k", await StoreAsync(cluster, 1));
        await cluster.Grains.GetGrain<IReclaimGrain>(0).PublishOldestReadAsync("gateway", 0, default);
        await cluster.DeleteAsync(bucket.BucketId, "k");
        cluster.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(0, (await ReclaimAsync(cluster)).Manifests);
        cluster.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, (await ReclaimAsync(cluster)).Manifests);
    }

    [Theory, OnBoth]
    public async Task Parts_die_with_their_composite(SqlKind kind)
    {
        await using var cluster = await StartAsync(kind, o => o.DeadGrace = TimeSpan.Zero);
        var bucket = await cluster.BucketAsync();
        var upload = new TestUpload(cluster, bucket, "key");
        await upload.CreateAsync();
        var (one, two) = (await StoreAsync(cluster, 2), await StoreAsync(cluster, 1));
        await PutPartAsync(upload, 1, one);
        await PutPartAsync(upload, 2, two);
        Assert.Equal(CommitStatus.Ok, (await upload.CompleteAsync(await upload.CompletionAsync([1, 2], 30))).Status);
        Assert.Equal(0, (await ReclaimAsync(cluster)).Manifests);
        await cluster.DeleteAsync(bucket.BucketId, "key");

        var report = await ReclaimAsync(cluster);

        Assert.Equal((3, 3), (report.Manifests, report.Shards));
        Assert.Equal(0, cluster.Volume.List(0, new ShardRecord[8]));
        Assert.Equal(0, await cluster.Database.CountAsync("manifest"));
    }

    [Theory, OnBoth]
    public async Task Shards_that_were_never_committed_go_once_they_are_old(SqlKind kind)
    {
        await using var cluster = await StartAsync(kind, _ => { });
        var bucket = await cluster.BucketAsync();
        var (orphan, kept) = (await StoreAsync(cluster, 2), await StoreAsync(cluster, 2));
        await PutAsync(cluster, bucket, "kept", kept);
        Assert.Equal(0, (await ReclaimAsync(cluster)).Orphans);
        cluster.Time.Advance(TimeSpan.FromHours(25));
        var young = await StoreAsync(cluster, 1);

        Assert.Equal(2, (await ReclaimAsync(cluster)).Orphans);

        Assert.All(orphan.Shards.ToArray(), s => Assert.Null(cluster.Volume.Find(s.Cid)));
        Assert.All(kept.Shards.ToArray(), s => Assert.NotNull(cluster.Volume.Find(s.Cid)));
        Assert.NotNull(cluster.Volume.Find(young.Shards.Span[0].Cid));
        Assert.Equal(0, (await ReclaimAsync(cluster)).Orphans);
    }

    [Theory, OnBoth]
    public async Task Manifest_that_cannot_be_read_leaves_its_shards_to_the_orphan_sweep(SqlKind kind)
    {
        await using var cluster = await StartAsync(
            kind, o => (o.DeadGrace, o.OrphanAge) = (TimeSpan.Zero, TimeSpan.Zero));
        var bucket = await cluster.BucketAsync();
        var body = await StoreAsync(cluster, 2);
        await cluster.PutAsync(Seed.PutStored(bucket.BucketId, "k", body.Attempt.ObjectId));
        Assert.Equal(0, (await ReclaimAsync(cluster)).Orphans);
        await cluster.DeleteAsync(bucket.BucketId, "k");

        var first = await ReclaimAsync(cluster);

        Assert.Equal((1, 0, 2), (first.Manifests, first.Shards, first.Orphans));
        Assert.Equal(0, await cluster.Database.CountAsync("manifest"));
    }

    [Fact]
    public async Task Old_uploads_are_aborted_and_ended_ones_forgotten()
    {
        await using var cluster = await StartAsync(SqlKind.Sqlite, _ => { });
        var bucket = await cluster.BucketAsync();
        var open = new TestUpload(cluster, bucket, "open");
        await open.CreateAsync();
        await PutPartAsync(open, 1, await StoreAsync(cluster, 1));
        cluster.Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(0, (await ReclaimAsync(cluster)).Uploads);
        cluster.Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(1, (await ReclaimAsync(cluster)).Uploads);
        Assert.Equal(UploadStatus.NoSuchUpload, (await open.PutAsync(open.NewPart(2, 1))).Status);
        cluster.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, (await ReclaimAsync(cluster)).Manifests);
        Assert.Equal(0, await cluster.Database.CountAsync("upload"));
    }

    [Theory, OnBoth]
    public async Task Staged_pages_without_a_commit_go_and_committed_ones_stay(SqlKind kind)
    {
        await using var cluster = await StartAsync(kind, o => o.OrphanAge = TimeSpan.Zero);
        var bucket = await cluster.BucketAsync();
        var manifests = cluster.Grains.GetGrain<IManifestGrain>(0);
        var (stray, kept) = (ObjectId.New(DateTimeOffset.UtcNow), ObjectId.New(DateTimeOffset.UtcNow));
        await manifests.StagePageAsync(stray, 0, new byte[100], default);
        await manifests.StagePageAsync(kept, 0, new byte[100], default);
        var put = Seed.PutStored(bucket.BucketId, "k", kept);
        await cluster.PutAsync(put with { Body = put.Body with { Manifest = default, ManifestPages = 1 } });

        await ReclaimAsync(cluster);

        Assert.Equal(1, await cluster.Database.CountAsync("manifest_page"));
        Assert.NotNull(await manifests.ReadPageAsync(kept, 0, default));
    }

    private Task<Cluster> StartAsync(SqlKind kind, Action<ReclaimOptions> configure) =>
        Cluster.StartAsync(databases, kind, services => services.Configure(configure));

    private static Task<ReclaimReport> ReclaimAsync(Cluster cluster) =>
        cluster.Grains.GetGrain<IReclaimGrain>(0).RunAsync(default);

    private static Task<BodyManifest> StoreAsync(Cluster cluster, int chunks) =>
        Bodies.StoreAsync(cluster.Volume, chunks);

    private static async Task PutAsync(Cluster cluster, BucketView bucket, string key, BodyManifest manifest)
    {
        var put = Seed.PutStored(bucket.BucketId, key, manifest.Attempt.ObjectId, manifest.TotalBytes);
        var result = await cluster.PutAsync(put with { Body = put.Body with { Manifest = manifest.Encode() } });
        Assert.Equal(CommitStatus.Ok, result.Status);
    }

    private static async Task PutPartAsync(TestUpload upload, int number, BodyManifest manifest)
    {
        var part = upload.NewPart(number, manifest.TotalBytes);
        var result = await upload.PutAsync(part with
        {
            Body = part.Body with { ObjectId = manifest.Attempt.ObjectId, Manifest = manifest.Encode() },
        });
        Assert.Equal(UploadStatus.Ok, result.Status);
    }
}
