using System.Collections.Immutable;
using System.Text;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;

namespace Vault.Grains.Tests.Uploads;

public sealed class UploadTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Completed_upload_is_the_keys_version_and_its_manifest_names_the_chosen_parts(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var upload = await OpenAsync(cluster, bucket);
        var (one, two, three) =
            (await upload.PartAsync(1, 100), await upload.PartAsync(2, 200), await upload.PartAsync(7, 700));

        var complete = await upload.CompletionAsync([1, 7], 800);
        var result = await upload.CompleteAsync(complete);

        Assert.Equal(CommitStatus.Ok, result.Status);
        var head = (await cluster.ReadAsync("bucket", "key", withBody: true)).Head!;
        Assert.Equal((800L, 2, complete.Head.Body.ObjectId), (head.Size, head.PartCount, head.ObjectId));
        Assert.True(CompositeManifest.TryDecode(head.Manifest, out var manifest));
        Assert.Equal(
            [new CompositePart(1, 100, one), new CompositePart(7, 700, three)], manifest.Parts.ToArray());
        Assert.Equal((1, 0, 1), (
            await cluster.Database.ReferencesAsync(one), await cluster.Database.ReferencesAsync(two),
            await cluster.Database.ReferencesAsync(three)));
        Assert.Equal(0, await cluster.Database.CountAsync("upload_part"));
    }

    [Theory, OnBoth]
    public async Task Completing_twice_gives_the_stored_answer(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var upload = await OpenAsync(cluster, bucket);
        await upload.PartAsync(1, 100);
        var complete = await upload.CompletionAsync([1], 100);
        await upload.CompleteAsync(complete);
        await cluster.PutAsync(Seed.Put(bucket.BucketId, "key"));

        var again = await upload.CompleteAsync(complete);

        Assert.Equal((CommitStatus.AlreadyCompleted, 1), (again.Status, again.ResultKeyNo));
        Assert.Equal(Seed.Key("answer"), again.ResultBox.ToArray());
        Assert.Equal(7, (await cluster.ReadAsync("bucket", "key")).Head!.Size);
        var read = await cluster.Grains.GetGrain<IUploadReadGrain>(0)
            .ReadAsync("bucket", Seed.Key("key"), upload.Id, default);
        Assert.True(read.Upload!.Completed);
        Assert.Equal(Seed.Key("answer"), read.Upload.ResultBox.ToArray());
        Assert.Equal(UploadStatus.NoSuchUpload, await upload.AbortAsync());
    }

    [Theory, OnBoth]
    public async Task Replaced_part_is_dead_and_a_late_repeat_of_it_is_refused(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var upload = await OpenAsync(cluster, await cluster.BucketAsync());
        var first = upload.NewPart(1, 100);
        Assert.Equal(UploadStatus.Ok, (await upload.PutAsync(first)).Status);
        Assert.Equal(UploadStatus.Ok, (await upload.PutAsync(first)).Status);
        Assert.Equal(1, await cluster.Database.ReferencesAsync(first.Body.ObjectId!.Value));

        var second = await upload.PartAsync(1, 50);

        Assert.Equal(0, await cluster.Database.ReferencesAsync(first.Body.ObjectId!.Value));
        Assert.Equal(UploadStatus.GrantExpired, (await upload.PutAsync(first)).Status);
        var parts = await cluster.Grains.GetGrain<IUploadReadGrain>(0).ReadPartsAsync(upload.Id, 0, 10, default);
        Assert.Equal((1, 50L, second), (parts.Parts.Single().PartNumber, parts.Parts[0].Size, parts.Parts[0].ObjectId));
    }

    [Theory, OnBoth]
    public async Task Part_that_came_after_the_parts_were_read_refuses_the_complete(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var upload = await OpenAsync(cluster, await cluster.BucketAsync());
        await upload.PartAsync(1, 100);
        var complete = await upload.CompletionAsync([1], 100);
        await upload.PartAsync(1, 60);
        Assert.Equal(CommitStatus.PartsChanged, (await upload.CompleteAsync(complete)).Status);
        Assert.Equal(
            CommitStatus.PartsChanged, (await upload.CompleteAsync(await upload.CompletionAsync([1, 2], 60))).Status);
        Assert.Equal(CommitStatus.Ok, (await upload.CompleteAsync(await upload.CompletionAsync([1], 60))).Status);
    }

    [Theory, OnBoth]
    public async Task Aborted_upload_takes_nothing_and_its_parts_are_dead(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var upload = await OpenAsync(cluster, bucket);
        var part = await upload.PartAsync(1, 100);
        var complete = await upload.CompletionAsync([1], 100);
        var names = cluster.Grains.GetGrain<IBucketNameGrain>("bucket");
        Assert.Equal(DeleteBucketStatus.NotEmpty, await names.DeleteAsync(bucket.ProjectId, default));

        Assert.Equal(UploadStatus.Ok, await upload.AbortAsync());
        Assert.Equal(UploadStatus.Ok, await upload.AbortAsync());

        Assert.Equal(UploadStatus.NoSuchUpload, (await upload.PutAsync(upload.NewPart(2, 5))).Status);
        Assert.Equal(CommitStatus.UploadGone, (await upload.CompleteAsync(complete)).Status);
        Assert.Equal(0, await cluster.Database.ReferencesAsync(part));
        Assert.Equal(DeleteBucketStatus.Deleted, await names.DeleteAsync(bucket.ProjectId, default));
        var create = await upload.CreateAsync();
        Assert.Equal(UploadStatus.BucketGone, create);
    }

    [Theory, OnBoth]
    public async Task Complete_abort_and_parts_that_race_leave_every_body_owned_once_or_dead(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        for (var round = 0; round < 15; round++)
        {
            var upload = await OpenAsync(cluster, bucket, $"key-{round}");
            var bodies = new List<ObjectId> { await upload.PartAsync(1, 100), await upload.PartAsync(2, 100) };
            var complete = await upload.CompletionAsync([1, 2], 200);
            var late = upload.NewPart(2, 100);
            bodies.Add(late.Body.ObjectId!.Value);

            var completing = upload.CompleteAsync(complete);
            var putting = upload.PutAsync(late);
            var aborting = upload.AbortAsync();
            await Task.WhenAll(completing, putting, aborting);

            var completed = (await completing).Status == CommitStatus.Ok;
            Assert.Equal(completed ? UploadStatus.NoSuchUpload : UploadStatus.Ok, await aborting);
            var head = (await cluster.ReadAsync("bucket", $"key-{round}", withBody: true)).Head;
            Assert.Equal(completed, head is not null);
            var references = new List<long?>();
            foreach (var body in bodies)
            {
                references.Add(await cluster.Database.ReferencesAsync(body));
            }

            if (completed)
            {
                Assert.Equal((1, 1), (references[0], references[1]));
                Assert.Equal(UploadStatus.NoSuchUpload, (await putting).Status);
                Assert.Null(references[2]);
            }
            else
            {
                Assert.All(references, r => Assert.True(r is 0 or null));
            }
        }

        Assert.Equal(0, await cluster.Database.CountAsync("upload_part"));
    }

    [Theory, OnBoth]
    public async Task Complete_of_ten_thousand_parts_is_one_commit_with_a_paged_manifest(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var upload = await OpenAsync(cluster, await cluster.BucketAsync());
        await upload.ManyPartsAsync(10_000);
        var chosen = Enumerable.Range(1, 10_000).Where(n => n % 3 != 0).ToImmutableArray();

        var complete = await upload.CompletionAsync(chosen, chosen.Length);
        Assert.Equal(CommitStatus.Ok, (await upload.CompleteAsync(complete)).Status);

        var manifests = cluster.Grains.GetGrain<IManifestGrain>(0);
        var whole = new List<byte>();
        for (var page = 0; ; page++)
        {
            var read = await manifests.ReadPageAsync(complete.Head.Body.ObjectId!.Value, page, default);
            whole.AddRange(read!.Body.Span);
            if (page == read.Pages - 1)
            {
                break;
            }
        }

        Assert.True(CompositeManifest.TryDecode(whole.ToArray(), out var manifest));
        Assert.Equal(chosen, manifest.Parts.ToArray().Select(p => p.Number));
        Assert.Equal(3333, await cluster.Database.CountAsync("manifest where refs = 0"));
    }

    [Theory, OnBoth]
    public async Task Quota_refuses_a_part(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var upload = await OpenAsync(cluster, await cluster.BucketAsync(quotaBytes: 1000));
        Assert.Equal(UploadStatus.QuotaExceeded, (await upload.PutAsync(upload.NewPart(1, 1001))).Status);
        Assert.Equal(UploadStatus.Ok, (await upload.PutAsync(upload.NewPart(1, 1000))).Status);
    }

    [Theory, OnBoth]
    public async Task Uploads_are_listed_by_key_and_id_with_groups_and_markers(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var ids = new Dictionary<string, List<UploadId>>();
        foreach (var key in (string[])["a", "b/1", "b/2", "b/2", "c", "c", "c", "d/x"])
        {
            var upload = await OpenAsync(cluster, bucket, key);
            (ids.TryGetValue(key, out var list) ? list : ids[key] = []).Add(upload.Id);
        }

        ids["c"].Sort((x, y) => x.Value.CompareTo(y.Value));
        async Task<string[]> ListAsync(ListUploads request)
        {
            var page = await cluster.Grains.GetGrain<IUploadReadGrain>(0).ListAsync(request, default);
            return
            [
                .. page.Uploads.Select(u => Encoding.UTF8.GetString(u.Key.Span)),
                .. page.CommonPrefixes.Select(p => Encoding.UTF8.GetString(p.Span) + "*"),
                .. page.Truncated ? ["…"] : Array.Empty<string>(),
            ];
        }

        var all = new ListUploads { Bucket = "bucket", Limit = 1000 };
        Assert.Equal(["a", "b/1", "b/2", "b/2", "c", "c", "c", "d/x"], await ListAsync(all));
        Assert.Equal(["a", "c", "c", "c", "b/*", "d/*"], await ListAsync(all with { Delimiter = Seed.Key("/") }));
        Assert.Equal(["a", "b/*", "…"], await ListAsync(all with { Delimiter = Seed.Key("/"), Limit = 2 }));
        Assert.Equal(
            ["c", "c", "c", "d/*"], await ListAsync(all with { Delimiter = Seed.Key("/"), AfterKey = Seed.Key("b/") }));
        Assert.Equal(["b/2", "b/2"], await ListAsync(all with { Prefix = Seed.Key("b/"), AfterKey = Seed.Key("b/1") }));
        Assert.Equal(
            ["c", "c", "d/x"], await ListAsync(all with { AfterKey = Seed.Key("c"), AfterUpload = ids["c"][0] }));
        Assert.Equal(["d/x"], await ListAsync(all with { AfterKey = Seed.Key("c") }));
    }

    private static async Task<TestUpload> OpenAsync(Cluster cluster, BucketView bucket, string key = "key")
    {
        var upload = new TestUpload(cluster, bucket, key);
        Assert.Equal(UploadStatus.Ok, await upload.CreateAsync());
        return upload;
    }
}
