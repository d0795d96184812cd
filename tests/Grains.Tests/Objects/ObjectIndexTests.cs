using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests.Objects;

public sealed class ObjectIndexTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Put_is_read_back_and_delete_removes_it(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var put = Seed.Put(bucket.BucketId, "folder/key", "hello");

        var result = await cluster.PutAsync(put);
        var read = await cluster.ReadAsync("bucket", "folder/key", withBody: true);
        var head = await cluster.ReadAsync("bucket", "folder/key");

        Assert.Equal(CommitStatus.Ok, result.Status);
        Assert.Equal(bucket, read.Bucket);
        Assert.Equal(
            (result.Sequence, put.VersionId, 5L, result.ModifiedMs, 1, 0),
            (
                read.Head!.Sequence, read.Head.VersionId, read.Head.Size, read.Head.ModifiedMs, read.Head.KeyNo,
                read.Head.PartCount));
        Assert.Equal("hello"u8.ToArray(), read.Head.Inline.ToArray());
        Assert.Equal(put.HeadBox.ToArray(), read.Head.HeadBox.ToArray());
        Assert.Equal(put.ListBox.ToArray(), read.Head.ListBox.ToArray());
        Assert.True(head.Head!.Inline.IsEmpty);
        Assert.Null((await cluster.ReadAsync("bucket", "folder")).Head);
        Assert.Null((await cluster.ReadAsync("nobody", "folder/key")).Bucket);

        Assert.Equal(CommitStatus.Ok, (await cluster.DeleteAsync(bucket.BucketId, "folder/key")).Status);
        Assert.Equal(CommitStatus.Ok, (await cluster.DeleteAsync(bucket.BucketId, "folder/key")).Status);
        Assert.Null((await cluster.ReadAsync("bucket", "folder/key")).Head);
        Assert.Equal(0, await cluster.Database.CountAsync("object_body"));
        var usage = await cluster.Grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString()).ReadUsageAsync(default);
        Assert.Equal((0, 0), (usage.Objects, usage.Bytes));
    }

    [Theory, OnBoth]
    public async Task Of_racing_conditional_creators_exactly_one_wins(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        for (var round = 0; round < 5; round++)
        {
            var key = $"lock-{round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => cluster.PutAsync(
                Seed.Put(bucket.BucketId, key) with { Precondition = PreconditionKind.Absent })));
            Assert.Single(results, r => r.Status == CommitStatus.Ok);
            Assert.Equal(31, results.Count(r => r.Status == CommitStatus.PreconditionFailed));
        }
    }

    [Theory, OnBoth]
    public async Task Of_racing_conditional_overwriters_exactly_one_wins(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var first = await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"));
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => cluster.PutAsync(
            Seed.Put(bucket.BucketId, "k") with
            {
                Precondition = PreconditionKind.Sequence, ExpectedSequence = first.Sequence,
            })));
        Assert.Single(results, r => r.Status == CommitStatus.Ok);
        Assert.Equal(31, results.Count(r => r.Status == CommitStatus.Moved));
    }

    [Theory, OnBoth]
    public async Task Versions_of_a_key_keep_their_order_under_concurrency(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var puts = Enumerable.Range(0, 200)
            .Select(i => Seed.Put(bucket.BucketId, $"key-{i % 4}", new string('x', i + 1))).ToArray();
        var results = await Task.WhenAll(puts.Select(cluster.PutAsync));

        Assert.All(results, r => Assert.Equal(CommitStatus.Ok, r.Status));
        for (var key = 0; key < 4; key++)
        {
            var ofKey = Enumerable.Range(0, 200).Where(i => i % 4 == key).ToArray();
            Assert.Equal(ofKey.Length, ofKey.Select(i => results[i].Sequence).Distinct().Count());
            var newest = ofKey.MaxBy(i => results[i].Sequence);
            var head = (await cluster.ReadAsync("bucket", $"key-{key}")).Head!;
            Assert.Equal(
                (results[newest].Sequence, puts[newest].VersionId, newest + 1L),
                (head.Sequence, head.VersionId, head.Size));
        }

        Assert.Equal(4, await cluster.Database.CountAsync("object_body"));
        var usage = await cluster.Grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString()).ReadUsageAsync(default);
        Assert.Equal(4, usage.Objects);
    }

    [Theory, OnBoth]
    public async Task Sequence_does_not_go_back_when_a_key_is_deleted_and_comes_back(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        long last = 0;
        for (var i = 0; i < 5; i++)
        {
            var put = await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"));
            Assert.True(put.Sequence > last);
            last = put.Sequence;
            await cluster.DeleteAsync(bucket.BucketId, "k");
        }
    }

    [Theory, OnBoth]
    public async Task Copy_racing_its_sources_delete_holds_the_bytes_or_is_refused(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        for (var round = 0; round < 30; round++)
        {
            var id = ObjectId.New(DateTimeOffset.UtcNow);
            await cluster.PutAsync(Seed.PutStored(bucket.BucketId, "source", id));
            var copies = Enumerable.Range(0, 4).Select(i => cluster.PutAsync(
                Seed.Put(bucket.BucketId, $"copy-{round}-{i}") with
                {
                    Size = 10_000, Body = new ObjectBody { ObjectId = id, Shared = true },
                })).ToArray();
            var delete = cluster.DeleteAsync(bucket.BucketId, "source");
            var statuses = (await Task.WhenAll(copies)).Select(r => r.Status).ToArray();
            Assert.Equal(CommitStatus.Ok, (await delete).Status);

            Assert.All(statuses, s => Assert.True(s is CommitStatus.Ok or CommitStatus.SourceGone));
            Assert.Equal(statuses.Count(s => s == CommitStatus.Ok), await cluster.Database.ReferencesAsync(id));
        }
    }

    [Theory, OnBoth]
    public async Task Many_deletes_answer_in_order(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        Assert.True(ObjectKey.TryParse(Seed.Key("a"), out var a));
        await cluster.PutAsync(Seed.Put(bucket.BucketId, "a"));
        var grain = cluster.Grains.GetGrain<IObjectIndexGrain>($"{bucket.BucketId}/{a.Partition(16):x2}");

        var results = await grain.DeleteManyAsync(
            [
                Seed.Delete(bucket.BucketId, "a") with
                {
                    Precondition = PreconditionKind.Sequence, ExpectedSequence = 1,
                },
                Seed.Delete(bucket.BucketId, "a"),
                Seed.Delete(bucket.BucketId, "a") with
                {
                    Precondition = PreconditionKind.Sequence, ExpectedSequence = 1,
                },
                Seed.Delete(bucket.BucketId, "absent", config: 7),
            ],
            default);

        Assert.Equal(
            [CommitStatus.Moved, CommitStatus.Ok, CommitStatus.NoSuchKey, CommitStatus.BucketChanged],
            results.Select(r => r.Status));
    }

    [Theory, OnBoth]
    public async Task Manifest_rides_with_the_head_when_short_and_is_read_in_pages_when_long(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var manifests = cluster.Grains.GetGrain<IManifestGrain>(0);
        var (small, large) = (ObjectId.New(DateTimeOffset.UtcNow), ObjectId.New(DateTimeOffset.UtcNow));
        await cluster.PutAsync(Seed.PutStored(bucket.BucketId, "small", small));
        var put = Seed.PutStored(bucket.BucketId, "large", large) with
        {
            Body = new ObjectBody
            {
                ObjectId = large,
                ManifestPages = 2,
                GrantedAtMs = await manifests.GrantAsync(default),
            },
        };
        Assert.Equal(CommitStatus.GrantExpired, (await cluster.PutAsync(put)).Status);
        await manifests.StagePageAsync(large, 0, new byte[48 << 10], default);
        await manifests.StagePageAsync(large, 1, Seed.Key("tail"), default);
        Assert.Null(await manifests.ReadPageAsync(large, 0, default));
        Assert.Equal(CommitStatus.Ok, (await cluster.PutAsync(put)).Status);

        Assert.Equal(Seed.Key("manifest"), (await cluster.ReadAsync("bucket", "small", true)).Head!.Manifest.ToArray());
        var read = (await cluster.ReadAsync("bucket", "large", true)).Head!;
        Assert.True(read.Manifest.IsEmpty);
        Assert.Equal(large, read.ObjectId);
        var tail = await manifests.ReadPageAsync(large, 1, default);
        Assert.Equal(Seed.Key("tail"), tail!.Body.ToArray());
        Assert.Equal(2, tail.Pages);
        Assert.Null(await manifests.ReadPageAsync(large, 2, default));
        Assert.Equal(Seed.Key("manifest"), (await manifests.ReadPageAsync(small, 0, default))!.Body.ToArray());
    }
}
