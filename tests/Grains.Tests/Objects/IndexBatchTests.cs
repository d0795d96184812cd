using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Buckets;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests.Objects;

/// <summary>Batches against the real databases, without an engine.</summary>
public sealed class IndexBatchTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Members_of_one_key_are_decided_in_arrival_order(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        var create = Seed.Put(bucket, "k") with { Precondition = PreconditionKind.Absent };

        var answers = await RunAsync(batch,
            new PendingPut(create, default),
            new PendingPut(create with { VersionId = VersionId.New(DateTimeOffset.UtcNow) }, default),
            new PendingDelete(Seed.Delete(bucket, "k"), default),
            new PendingPut(create with { VersionId = VersionId.New(DateTimeOffset.UtcNow) }, default));

        Assert.Equal(
            [CommitStatus.Ok, CommitStatus.PreconditionFailed, CommitStatus.Ok, CommitStatus.Ok],
            answers.Select(a => a.Status));
        Assert.True(answers[3].Sequence > answers[0].Sequence);
        var head = await database.HeadAsync(bucket, "k");
        Assert.Equal(answers[3].Sequence, head?.Sequence);
        Assert.Equal((1, 7), await database.UsageAsync(bucket));
    }

    [Theory, OnBoth]
    public async Task Refused_member_fails_alone(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);

        var answers = await RunAsync(batch,
            new PendingPut(Seed.Put(bucket, "a"), default),
            new PendingPut(
                Seed.Put(bucket, "b") with { Precondition = PreconditionKind.Sequence, ExpectedSequence = 5 }, default),
            new PendingPut(Seed.Put(bucket, "c", config: 9), default),
            new PendingPut(
                Seed.Put(bucket, "d") with { Body = new ObjectBody { ObjectId = NewObject(), Shared = true } },
                default),
            new PendingPut(Seed.Put(bucket, "e"), default));

        Assert.Equal(
            [
                CommitStatus.Ok, CommitStatus.NoSuchKey, CommitStatus.BucketChanged, CommitStatus.SourceGone,
                CommitStatus.Ok,
            ],
            answers.Select(a => a.Status));
        Assert.Equal((2, 14), await database.UsageAsync(bucket));
    }

    [Theory, OnBoth]
    public async Task Of_two_activations_only_the_newer_commits(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var old = await ActivateAsync(database, bucket);
        await RunAsync(old, new PendingPut(Seed.Put(bucket, "k", "old"), default));
        var young = await ActivateAsync(database, bucket);

        await Assert.ThrowsAsync<FenceLostException>(
            () => RunAsync(old, new PendingPut(Seed.Put(bucket, "k", "late"), default)));
        var answer = await RunAsync(young, new PendingPut(Seed.Put(bucket, "k", "young!"), default));

        Assert.Equal(6, (await database.HeadAsync(bucket, "k"))!.Size);
        Assert.Equal(answer[0].Sequence, (await database.HeadAsync(bucket, "k"))!.Sequence);
    }

    [Theory, OnBoth]
    public async Task Overwriting_a_stored_body_kills_its_manifest_in_the_same_transaction(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        var id = NewObject();
        await RunAsync(batch, new PendingPut(Seed.PutStored(bucket, "k", id), default));
        var copy =
            Seed.Put(bucket, "copy") with { Size = 10_000, Body = new ObjectBody { ObjectId = id, Shared = true } };
        await RunAsync(batch, new PendingPut(copy, default));
        Assert.Equal(2, await database.ReferencesAsync(id));

        await RunAsync(batch, new PendingPut(Seed.Put(bucket, "k"), default));
        Assert.Equal(1, await database.ReferencesAsync(id));
        await RunAsync(batch, new PendingDelete(Seed.Delete(bucket, "copy"), default));

        Assert.Equal(0, await database.ReferencesAsync(id));
        var late = await RunAsync(
            batch, new PendingPut(copy with { VersionId = VersionId.New(DateTimeOffset.UtcNow) }, default));
        Assert.Equal(CommitStatus.SourceGone, late[0].Status);
    }

    [Theory, OnBoth]
    public async Task Repeating_a_put_answers_as_the_first_time_while_it_is_current(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        var put = Seed.PutStored(bucket, "k", NewObject()) with { Precondition = PreconditionKind.Absent };

        var first = await RunAsync(batch, new PendingPut(put, default));
        var second = await RunAsync(batch, new PendingPut(put, default));
        Assert.Equal(first, second);

        await RunAsync(batch, new PendingPut(Seed.Put(bucket, "k"), default));
        var third = await RunAsync(batch, new PendingPut(put with { Precondition = PreconditionKind.None }, default));
        Assert.Equal(kind == SqlKind.Postgres ? CommitStatus.Ok : CommitStatus.Moved, third[0].Status);
        Assert.Equal((1, 7), await database.UsageAsync(bucket));
    }

    [Theory, OnBoth]
    public async Task Body_granted_more_than_twelve_hours_ago_is_refused(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        var put = Seed.PutStored(bucket, "k", NewObject());
        var stale =
            put with { Body = put.Body with { GrantedAtMs = put.Body.GrantedAtMs - BatchDecision.GrantLifeMs - 1000 } };

        var answers = await RunAsync(batch,
            new PendingPut(stale, default), new PendingPut(Seed.Put(bucket, "other"), default));
        Assert.Equal([CommitStatus.GrantExpired, CommitStatus.Ok], answers.Select(a => a.Status));
    }

    [Theory, OnBoth]
    public async Task Without_a_quota_a_batch_may_shrink_and_then_grow(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        await RunAsync(batch, new PendingPut(Seed.Put(bucket, "large", "1234567890"), default));

        var answers = await RunAsync(batch,
            new PendingDelete(Seed.Delete(bucket, "large"), default),
            new PendingPut(Seed.Put(bucket, "small", "1"), default));
        Assert.Equal([CommitStatus.Ok, CommitStatus.Ok], answers.Select(a => a.Status));
    }

    [Theory, OnBoth]
    public async Task Quota_refuses_what_grows_beyond_it(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync(quotaBytes: 15);
        var batch = await ActivateAsync(database, bucket);

        var answers = await RunAsync(batch,
            new PendingPut(Seed.Put(bucket, "a", "1234567890"), default),
            new PendingPut(Seed.Put(bucket, "b", "1234567890"), default),
            new PendingPut(Seed.Put(bucket, "c", "12345"), default));
        Assert.Equal([CommitStatus.Ok, CommitStatus.QuotaExceeded, CommitStatus.Ok], answers.Select(a => a.Status));
        var shrink = await RunAsync(batch, new PendingPut(Seed.Put(bucket, "a", "1"), default));
        Assert.Equal(CommitStatus.Ok, shrink[0].Status);
    }

    [Theory, OnBoth]
    public async Task Delete_that_finds_no_key_is_answered_of_the_bucket_there_is(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        Assert.Equal(CommitStatus.Ok, await DeleteAsync());

        var change = database.Begin();
        change.Check(BucketTable.LockForDelete, bucket);
        await change.CommitAsync(default);
        Assert.Equal(CommitStatus.BucketChanged, await DeleteAsync());
        change = database.Begin();
        foreach (var row in BucketTable.Delete) change.Execute(row, bucket);
        await change.CommitAsync(default);
        Assert.Equal(CommitStatus.BucketGone, await DeleteAsync());

        async Task<CommitStatus> DeleteAsync() =>
            (await RunAsync(batch, new PendingDelete(Seed.Delete(bucket, "none"), default)))[0].Status;
    }

    [Theory, OnBoth]
    public async Task Cancelled_member_leaves_before_the_batch_is_sent(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        var batch = await ActivateAsync(database, bucket);
        var cancelled = new PendingPut(Seed.Put(bucket, "gone"), new CancellationToken(canceled: true));

        await RunAsync(batch, cancelled, new PendingPut(Seed.Put(bucket, "stays"), default));

        Assert.True(cancelled.Task.IsCanceled);
        Assert.Null(await database.HeadAsync(bucket, "gone"));
        Assert.NotNull(await database.HeadAsync(bucket, "stays"));
    }

    [Fact]
    public async Task A_repeated_commit_answers_what_it_answered_and_changes_nothing_again()
    {
        await using var database = await databases.OpenAsync(SqlKind.Postgres);
        var bucket = await database.BucketAsync();
        var put = Seed.Put(bucket, "key");
        var delete = Seed.Delete(bucket, "key");
        var batch = await ActivateAsync(database, bucket);
        var first = (await RunAsync(batch, new PendingPut(put, default)))[0];
        await RunAsync(batch, new PendingDelete(delete, default));
        var other = (await RunAsync(batch, new PendingPut(Seed.Put(bucket, "key"), default)))[0];

        for (var activation = 1; activation <= 2; activation++, batch = await ActivateAsync(database, bucket))
        {
            var answers = await RunAsync(batch, new PendingPut(put, default), new PendingDelete(delete, default));
            Assert.Equal((CommitStatus.Ok, first.Sequence), (answers[0].Status, answers[0].Sequence));
            Assert.Equal(CommitStatus.Ok, answers[1].Status);
            Assert.Equal(other.Sequence, (await database.HeadAsync(bucket, "key"))!.Sequence);
        }
    }

    [Fact]
    public async Task Repeats_within_one_batch_are_known_too()
    {
        await using var database = await databases.OpenAsync(SqlKind.Postgres);
        var bucket = await database.BucketAsync();
        var (put, delete) = (Seed.Put(bucket, "key"), Seed.Delete(bucket, "key"));
        var answers = await RunAsync(
            await ActivateAsync(database, bucket), new PendingPut(put, default), new PendingDelete(delete, default),
            new PendingPut(Seed.Put(bucket, "key"), default), new PendingDelete(delete, default),
            new PendingPut(put, default));
        Assert.Equal(answers[0].Sequence, answers[4].Sequence);
        Assert.Equal(answers[2].Sequence, (await database.HeadAsync(bucket, "key"))!.Sequence);
    }

    private static ObjectId NewObject() => ObjectId.New(DateTimeOffset.UtcNow);

    private static async Task<IndexBatch> ActivateAsync(Database database, BucketId bucket)
    {
        var grain = $"index/{bucket}/00";
        var fence = await Fence.TakeAsync(database, grain, default);
        return new IndexBatch(
            database, new BodyIds(database), TimeProvider.System,
            new IndexGuard { GrainId = grain, BucketId = bucket, Fence = fence }, 0,
            await CommitMemos.OpenAsync(database, grain, TimeProvider.System, default));
    }

    private static async Task<CommitResult[]> RunAsync(IndexBatch batch, params PendingCommit[] members)
    {
        var list = members.ToList();
        await batch.RunAsync(list);
        return [.. list.Select(m => m.Decision!)];
    }
}
