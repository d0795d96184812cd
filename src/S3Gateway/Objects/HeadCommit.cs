using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Makes a head the current version of its key, or leaves it without one: resolves the bucket, compares entity tags, seals, commits, and begins
/// again when what it decided on has moved, three times at most. Once bytes are durable nothing cancels it.
/// </summary>
internal sealed class HeadCommit(
    IGrainFactory grains, IndexGrains index, Authorization authorization, SeenBuckets seen, TimeProvider time)
{
    private const int MaxAttempts = 4;

    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);
    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    /// <summary>Commits one head.</summary>
    /// <param name="request">The request; its bucket and key are the target.</param>
    /// <param name="head">The head to seal.</param>
    /// <param name="size">Plaintext bytes.</param>
    /// <param name="body">Where the bytes are.</param>
    /// <param name="conditions">What must hold of the current version.</param>
    /// <param name="known">The bucket when it was just resolved for this request; saves the first read.</param>
    /// <returns>The committed result; null when the body's source lost its last reference.</returns>
    /// <exception cref="S3Exception">The commit was refused.</exception>
    public async Task<CommitResult?> PutAsync(
        S3Request request, ObjectHead head, long size, ObjectBody body, WriteConditions conditions,
        BucketView? known = null)
    {
        if (known is null && conditions is { MustBeAbsent: false, IfMatch: null }
            && await PutAsSeenAsync(request, head, size, body) is { } committed)
            return committed;
        for (var attempt = 1; ; attempt++)
        {
            var target = await ResolveAsync(request, conditions, known);
            known = null;
            var result = await SendAsync(request, target, head, size, body);
            if (result.Status == CommitStatus.Ok)
                return result;
            if (result.Status == CommitStatus.SourceGone)
                return null;
            if (!MayRetry(result.Status, attempt))
                throw Refusal(result.Status);
        }
    }

    /// <summary>Deletes the key, or finds it gone already.</summary>
    /// <exception cref="S3Exception">It was refused.</exception>
    public async Task DeleteAsync(S3Request request, WriteConditions conditions)
    {
        if (conditions.IfMatch is null && await DeleteAsSeenAsync(request))
            return;
        for (var attempt = 1; ; attempt++)
        {
            var result = await SendDeleteAsync(request, await ResolveAsync(request, conditions));
            if (result.Status == CommitStatus.Ok)
                return;
            if (!MayRetry(result.Status, attempt))
                throw Refusal(result.Status);
        }
    }

    /// <summary>Deletes from the bucket as last seen; false when that did not hold, or was not seen.</summary>
    private async ValueTask<bool> DeleteAsSeenAsync(S3Request request)
    {
        if (!seen.TryGet(request.Bucket, out var bucket) || !Authorization.Admits(request, bucket))
            return false;
        var result = await SendDeleteAsync(request, new(bucket, PreconditionKind.None, 0));
        if (result.Status == CommitStatus.Ok)
            return true;
        seen.Forget(bucket);
        return false;
    }

    private Task<CommitResult> SendDeleteAsync(S3Request request, WriteTarget target) =>
        index.Of(target.Bucket, request.Key).DeleteAsync(
            new()
            {
                BucketId = target.Bucket.BucketId,
                ConfigVersion = target.Bucket.ConfigVersion,
                Key = request.Key.Bytes,
                Precondition = target.Precondition,
                ExpectedSequence = target.ExpectedSequence,
                OperationId = Guid.NewGuid(),
            },
            CancellationToken.None);

    /// <summary>Commits to the bucket as last seen; null when that did not hold, or was not seen.</summary>
    private async ValueTask<CommitResult?> PutAsSeenAsync(
        S3Request request, ObjectHead head, long size, ObjectBody body)
    {
        if (!seen.TryGet(request.Bucket, out var bucket) || !Authorization.Admits(request, bucket))
            return null;
        try
        {
            var result = await SendAsync(request, new(bucket, PreconditionKind.None, 0), head, size, body);
            if (result.Status == CommitStatus.Ok)
                return result;
        }
        catch (S3Exception)
        {
            // The keys of a bucket go with it: no refusal is decided here.
        }

        seen.Forget(bucket);
        return null;
    }

    private async ValueTask<CommitResult> SendAsync(
        S3Request request, WriteTarget target, ObjectHead head, long size, ObjectBody body)
    {
        var put = await SealAsync(request, target, head, size, body);
        return await index.Of(target.Bucket, request.Key).PutAsync(put, CancellationToken.None);
    }

    /// <summary>Resolves the target of a write and decides its precondition.</summary>
    /// <exception cref="S3Exception">404, 403, or 412 when the entity tag is another one.</exception>
    public async ValueTask<WriteTarget> ResolveAsync(
        S3Request request, WriteConditions conditions, BucketView? known = null)
    {
        if (conditions.IfMatch is null)
        {
            var bucket = Authorization.RequireBucket(
                request, known ?? await buckets.ResolveAsync(request.Bucket, CancellationToken.None));
            seen.Remember(bucket);
            return new(bucket, conditions.MustBeAbsent ? PreconditionKind.Absent : PreconditionKind.None, 0);
        }

        var read = await reads.ReadAsync(
            new() { Bucket = request.Bucket, Key = request.Key.Bytes }, CancellationToken.None);
        var found = Authorization.RequireBucket(request, read.Bucket);
        if (read.Head is not { } current)
            throw authorization.MissingKey(request, request.Key);
        await RequireMatchAsync(request, found, current, conditions.IfMatch);
        return new(found, PreconditionKind.Sequence, current.Sequence);
    }

    /// <summary>Refuses early what cannot succeed, before a large body is read.</summary>
    /// <exception cref="S3Exception">404, 403 or 412.</exception>
    public async Task CheckAsync(S3Request request, WriteConditions conditions)
    {
        if (!conditions.MustBeAbsent)
        {
            await ResolveAsync(request, conditions);
            return;
        }

        var read = await reads.ReadAsync(
            new() { Bucket = request.Bucket, Key = request.Key.Bytes }, CancellationToken.None);
        Authorization.RequireBucket(request, read.Bucket);
        if (read.Head is not null)
            throw S3Errors.PreconditionFailed.Thrown();
    }

    /// <summary>Compares the entity tag of the current version.</summary>
    /// <exception cref="S3Exception">412.</exception>
    public static async ValueTask RequireMatchAsync(
        S3Request request, BucketView bucket, SealedHead current, string ifMatch)
    {
        var sealer = await request.Caller.SealerAsync(bucket.BucketId, current.KeyNo);
        if (!sealer.TryOpenList(current.ListBox.Span, current.VersionId, request.Key, out var list))
            throw S3Errors.DamagedObject.Thrown();
        if (!EntityTags.Matches(ifMatch, list.ETag.ToString()))
            throw S3Errors.PreconditionFailed.Thrown();
    }

    /// <summary>Seals a head for its place.</summary>
    public async ValueTask<PutObject> SealAsync(
        S3Request request, WriteTarget target, ObjectHead head, long size, ObjectBody body)
    {
        var bucket = target.Bucket;
        var sealer = await request.Caller.WriterAsync(bucket, boxes: 2);
        var version = VersionId.New(time.GetUtcNow());
        var list = new ListHead
        {
            ETag = head.ETag,
            ChecksumAlgorithm = head.Checksum.Algorithm,
            ChecksumType = head.Checksum.Type,
        };
        return new()
        {
            BucketId = bucket.BucketId,
            ConfigVersion = bucket.ConfigVersion,
            Key = request.Key.Bytes,
            VersionId = version,
            Size = size,
            KeyNo = bucket.KeyNo,
            ListBox = sealer.SealList(version, request.Key, list),
            HeadBox = sealer.SealHead(version, request.Key, head),
            Body = body,
            Precondition = target.Precondition,
            ExpectedSequence = target.ExpectedSequence,
        };
    }

    /// <summary>Whether a refused commit is worth deciding again.</summary>
    public static bool MayRetry(CommitStatus status, int attempt) => attempt < MaxAttempts
        && status is (CommitStatus.BucketChanged or CommitStatus.Moved or CommitStatus.PartsChanged);

    /// <summary>What a refused commit means to the client.</summary>
    public static S3Exception Refusal(CommitStatus status) => (status switch
    {
        CommitStatus.PreconditionFailed => S3Errors.PreconditionFailed,
        CommitStatus.Moved or CommitStatus.PartsChanged => S3Errors.ConditionalRequestConflict,
        CommitStatus.NoSuchKey => S3Errors.NoSuchKey,
        CommitStatus.BucketGone => S3Errors.NoSuchBucket,
        CommitStatus.BucketChanged => S3Errors.OperationAborted,
        CommitStatus.GrantExpired => S3Errors.TransferTooLong,
        CommitStatus.UploadGone => S3Errors.NoSuchUpload,
        CommitStatus.QuotaExceeded => S3Errors.QuotaExceeded,
        _ => S3Errors.InternalError,
    }).Thrown();
}

/// <summary>Where a head goes and what must hold there.</summary>
internal readonly record struct WriteTarget(BucketView Bucket, PreconditionKind Precondition, long ExpectedSequence);
