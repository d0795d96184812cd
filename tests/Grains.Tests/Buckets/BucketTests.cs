using System.Security.Cryptography;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests.Buckets;

public sealed class BucketTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Name_belongs_to_the_first_project_that_creates_it(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var (one, two) = (await cluster.ProjectAsync(), await cluster.ProjectAsync());

        var first = await cluster.CreateBucketAsync("shared-name", one);
        var again = await cluster.CreateBucketAsync("shared-name", one);
        var other = await cluster.CreateBucketAsync("shared-name", two);

        Assert.Equal(CreateBucketStatus.Created, first.Status);
        Assert.Equal(CreateBucketStatus.AlreadyOwnedByYou, again.Status);
        Assert.Equal(first.Bucket, again.Bucket);
        Assert.Equal((CreateBucketStatus.AlreadyExists, null), (other.Status, other.Bucket));
        var reader = cluster.Grains.GetGrain<IBucketReadGrain>(0);
        Assert.Equal(first.Bucket, await reader.ResolveAsync("shared-name", default));
        var box = await reader.ReadKeyBoxAsync(first.Bucket!.BucketId, 1, one, default);
        Assert.Equal(Seed.Key("box"), box!.Value.ToArray());
        Assert.Null(await reader.ReadKeyBoxAsync(first.Bucket.BucketId, 1, two, default));
    }

    [Theory, OnBoth]
    public async Task Bucket_limit_is_exact_under_concurrency(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var project = await cluster.ProjectAsync(buckets: 3);
        var results = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => cluster.CreateBucketAsync($"bucket-{i}", project)));
        Assert.Equal(3, results.Count(r => r.Status == CreateBucketStatus.Created));
        Assert.Equal(5, results.Count(r => r.Status == CreateBucketStatus.TooManyBuckets));
    }

    [Theory, OnBoth]
    public async Task Suspended_project_makes_no_bucket(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var project = await cluster.ProjectAsync();
        await cluster.Grains.GetGrain<IProjectGrain>(project.Value).UpdateAsync(
            new UpdateProject { State = AccountState.Suspended }, default);
        Assert.Equal(CreateBucketStatus.ProjectNotActive, (await cluster.CreateBucketAsync("bucket", project)).Status);
    }

    [Theory, OnBoth]
    public async Task Only_an_empty_bucket_of_ones_own_is_deleted_and_its_name_is_free_again(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var names = cluster.Grains.GetGrain<IBucketNameGrain>("bucket");
        await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"));

        Assert.Equal(DeleteBucketStatus.NotYours, await names.DeleteAsync(ProjectId.New(), default));
        Assert.Equal(DeleteBucketStatus.NotEmpty, await names.DeleteAsync(bucket.ProjectId, default));
        await cluster.DeleteAsync(bucket.BucketId, "k");
        Assert.Equal(DeleteBucketStatus.Deleted, await names.DeleteAsync(bucket.ProjectId, default));
        Assert.Equal(DeleteBucketStatus.NoSuchBucket, await names.DeleteAsync(bucket.ProjectId, default));

        Assert.Null((await cluster.ReadAsync("bucket", "k")).Bucket);
        var again = await cluster.CreateBucketAsync("bucket", bucket.ProjectId);
        Assert.Equal(CreateBucketStatus.Created, again.Status);
        Assert.NotEqual(bucket.BucketId, again.Bucket!.BucketId);
        Assert.Equal(CommitStatus.BucketGone, (await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"))).Status);
    }

    [Theory, OnBoth]
    public async Task Put_racing_the_buckets_deletion_is_there_or_was_refused(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var project = await cluster.ProjectAsync();
        for (var round = 0; round < 20; round++)
        {
            var bucket = (await cluster.CreateBucketAsync("racing", project)).Bucket!;
            var puts = Enumerable.Range(0, 6)
                .Select(i => cluster.PutAsync(Seed.Put(bucket.BucketId, $"k{i}")))
                .ToArray();
            var delete = cluster.Grains.GetGrain<IBucketNameGrain>("racing").DeleteAsync(project, default);
            var statuses = (await Task.WhenAll(puts)).Select(p => p.Status).ToArray();
            var stored = (await cluster.Database.CountAsync("object_head"));

            if (await delete == DeleteBucketStatus.Deleted)
            {
                Assert.All(statuses, s => Assert.Equal(CommitStatus.BucketGone, s));
                Assert.Equal(0, stored);
            }
            else
            {
                Assert.Equal(DeleteBucketStatus.NotEmpty, await delete);
                Assert.Equal(statuses.Count(s => s == CommitStatus.Ok), stored);
                for (var i = 0; i < statuses.Length; i++)
                {
                    // A failed deletion may have been seen only as another configuration; it changed nothing.
                    Assert.Equal(CommitStatus.Ok, statuses[i]);
                    await cluster.DeleteAsync(bucket.BucketId, $"k{i}");
                }

                Assert.Equal(
                    DeleteBucketStatus.Deleted,
                    await cluster.Grains.GetGrain<IBucketNameGrain>("racing").DeleteAsync(project, default));
            }
        }

        Assert.Equal(0, await cluster.Database.CountAsync("object_head"));
        Assert.Equal(0, await cluster.Database.CountAsync("object_body"));
        Assert.Equal(0, await cluster.Database.CountAsync("usage_bucket"));
    }

    [Theory, OnBoth]
    public async Task Buckets_are_listed_by_name_within_prefix_and_page(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var project = await cluster.ProjectAsync();
        foreach (var name in (string[])["b-2", "a-1", "b-1", "b-3", "c-1"])
        {
            await cluster.CreateBucketAsync("x" + name, project);
        }

        await cluster.CreateBucketAsync("xb-9", await cluster.ProjectAsync());
        var reader = cluster.Grains.GetGrain<IBucketReadGrain>(0);
        Assert.Equal(
            ["xa-1", "xb-1", "xb-2", "xb-3", "xc-1"],
            (await reader.ListAsync(project, "", "", 10, default)).Select(b => b.Name));
        Assert.Equal(["xb-2", "xb-3"], (await reader.ListAsync(project, "xb", "xb-1", 2, default)).Select(b => b.Name));
    }

    [Theory, OnBoth]
    public async Task Bucket_key_goes_up_by_one_and_a_repeat_is_the_same(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var grain = cluster.Grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString());

        Assert.False(await grain.RotateKeyAsync(3, Seed.Key("three"), [], default));
        Assert.True(await grain.RotateKeyAsync(2, Seed.Key("two"), [], default));
        Assert.True(await grain.RotateKeyAsync(2, Seed.Key("two"), [], default));
        Assert.False(await grain.RotateKeyAsync(2, Seed.Key("another"), [], default));

        var reader = cluster.Grains.GetGrain<IBucketReadGrain>(0);
        Assert.Equal(2, (await reader.ResolveAsync("bucket", default))!.KeyNo);
        var box = await reader.ReadKeyBoxAsync(bucket.BucketId, 2, bucket.ProjectId, default);
        Assert.Equal(Seed.Key("two"), box!.Value.ToArray());
    }

    [Theory, OnBoth]
    public async Task Key_is_renewed_only_when_every_credential_that_held_it_gets_the_next(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var grain = cluster.Grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString());
        var project = cluster.Grains.GetGrain<IProjectGrain>(bucket.ProjectId.Value);
        NewCredential Holder(string name, int keyNo) => new()
        {
            Lookup = SHA256.HashData(Seed.Key(name)), PublicKey = Seed.Key(name), Label = name,
            Record = Seed.Key("record"), MacaroonId = Seed.Key("id"), ProjectKeys = [],
            BucketKeys = [new BucketKeyBox { BucketId = bucket.BucketId, KeyNo = keyNo, Box = Seed.Key("box") }],
        };
        var (stays, revoked, late) = (Holder("stays", 1), Holder("revoked", 1), Holder("late", 1));
        Assert.Equal(AccountStatus.Ok, await project.AddCredentialAsync(stays, default));
        Assert.Equal(AccountStatus.Ok, await project.AddCredentialAsync(revoked, default));
        var gone = cluster.Grains.GetGrain<ICredentialGrain>(Convert.ToHexStringLower(revoked.Lookup.Span));
        Assert.True(await gone.RevokeAsync("x", default));

        var holder = Assert.Single(await grain.ReadKeyHoldersAsync(1, default));
        Assert.Equal(Seed.Key("stays"), holder.PublicKey.ToArray());
        Assert.False(await grain.RotateKeyAsync(2, Seed.Key("two"), [], default));
        Assert.Equal(1, (await cluster.Grains.GetGrain<IBucketReadGrain>(0).ResolveAsync("bucket", default))!.KeyNo);
        var box = new KeyHolderBox { Lookup = holder.Lookup, Box = Seed.Key("two for stays") };
        Assert.True(await grain.RotateKeyAsync(2, Seed.Key("two"), [box], default));
        Assert.Equal(AccountStatus.Conflict, await project.AddCredentialAsync(late, default));
        var view = await cluster.Grains
            .GetGrain<ICredentialGrain>(Convert.ToHexStringLower(stays.Lookup.Span)).ResolveAsync(default);
        Assert.Equal([1, 2], view!.BucketKeys.Select(k => k.KeyNo));
    }

    [Theory, OnBoth]
    public async Task Seals_add_up_for_each_generation_and_go_with_the_bucket(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var grain = cluster.Grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString());
        Assert.Equal(5, await grain.TakeSealsAsync(1, 5, default));
        Assert.Equal(12, await grain.TakeSealsAsync(1, 7, default));
        Assert.Equal(1, await grain.TakeSealsAsync(2, 1, default));
        Assert.Equal(2, await cluster.Database.CountAsync("bucket_seal"));
        var name = cluster.Grains.GetGrain<IBucketNameGrain>("bucket");
        Assert.Equal(DeleteBucketStatus.Deleted, await name.DeleteAsync(bucket.ProjectId, default));
        Assert.Equal(0, await cluster.Database.CountAsync("bucket_seal"));
        Assert.Equal(0, await grain.TakeSealsAsync(1, 5, default));
    }
}
