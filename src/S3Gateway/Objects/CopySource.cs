using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>The source of a copy, opened; its root is wiped when disposed.</summary>
internal sealed record CopySource(string Bucket, ObjectKey Key, SealedHead Version, ObjectHead Head) : IDisposable
{
    /// <summary>Largest object that one copy takes.</summary>
    public const long MaxBytes = 5L << 30;

    /// <summary>Reads and opens what <c>x-amz-copy-source</c> names.</summary>
    /// <exception cref="S3Exception">400, 403, 404, or 412 when a condition on the source does not hold.</exception>
    public static async Task<CopySource> OpenAsync(
        S3Request request, IObjectReadGrain reads, Authorization authorization)
    {
        var (bucketName, key, versionId) = S3Target.ParseCopySource(request.Header("x-amz-copy-source")!);
        if (!BucketName.TryParse(bucketName, out _))
            throw S3Errors.InvalidBucketName.Thrown();
        ObjectVersion.RequireCurrent(versionId);
        authorization.Require(request, CapabilityOperations.Get, bucketName, key.Bytes.Span, null);
        var read = await reads.ReadAsync(
            new() { Bucket = bucketName, Key = key.Bytes, WithBody = true }, CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, read.Bucket, "x-amz-source-expected-bucket-owner");
        var version = read.Head ?? throw S3Errors.NoSuchKey.Thrown();
        var head = await OpenHeadAsync(request, bucket, key, version);
        if (ReadConditions.OfCopySource(request.Headers).Evaluate(head.ETag.ToString(), version.ModifiedMs)
            == ConditionOutcome.Proceed)
            return new(bucketName, key, version, head);
        head.Dispose();
        throw S3Errors.PreconditionFailed.Thrown();
    }

    public void Dispose() => Head.Dispose();

    private static async ValueTask<ObjectHead> OpenHeadAsync(
        S3Request request, BucketView bucket, ObjectKey key, SealedHead version)
    {
        var sealer = await request.Caller.SealerAsync(bucket.BucketId, version.KeyNo);
        return sealer.TryOpenHead(version.HeadBox.Span, version.VersionId, key, out var head)
            ? head
            : throw S3Errors.DamagedObject.Thrown();
    }
}
