using System.Text;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Auth;

/// <summary>What the proven caller may do: the states of its accounts and the caveats of its macaroon.</summary>
internal sealed class Authorization(CallerLimits limits, TimeProvider time)
{
    /// <summary>Checks the request's own target; what else a request touches, its endpoint checks.</summary>
    /// <exception cref="S3Exception">403, or 503 when the project asks too often.</exception>
    public void Require(S3Request request)
    {
        var caller = request.Caller;
        if (!limits.Allows(caller.Project))
            throw S3Errors.SlowDown.Thrown();
        RequireActive(request.Operation, caller);
        var operation = OperationOf(request.Operation);
        if (request.Operation == S3Operation.DeleteObjects)
            return;
        if (request.Target.Key is { } key)
        {
            Require(request, operation, request.Bucket, key.Bytes.Span, request.DeclaredSize);
            return;
        }

        var prefix = request.Query["prefix"];
        Require(request, operation, request.Bucket, prefix is null ? [] : Encoding.UTF8.GetBytes(prefix), null);
    }

    /// <summary>Checks one operation on one target.</summary>
    /// <exception cref="S3Exception">403.</exception>
    public void Require(
        S3Request request, CapabilityOperations operation, string bucket, ReadOnlySpan<byte> key, long? size)
    {
        if (!Allows(request, operation, bucket, key, size))
            throw S3Errors.AccessDenied.Thrown();
    }

    /// <summary>Whether the caveats allow one operation on one target.</summary>
    public bool Allows(
        S3Request request, CapabilityOperations operation, string bucket, ReadOnlySpan<byte> key, long? size = null)
    {
        var caller = request.Caller;
        return caller.Capability.Check(new CaveatContext
        {
            Operation = operation,
            Now = time.GetUtcNow(),
            Method = request.Claim!.IsPresigned ? CredentialMethod.Presigned : CredentialMethod.Header,
            ProjectId = caller.Project.ProjectId.Value,
            TenantId = caller.Project.TenantId.Value,
            Bucket = bucket,
            Key = key,
            PeerAddress = request.PeerAddress,
            Size = size,
            ContentType = request.Headers.ContentType.ToString(),
            ContinuesUpload = request.Operation is S3Operation.UploadPart or S3Operation.UploadPartCopy
                or S3Operation.CompleteMultipartUpload or S3Operation.AbortMultipartUpload or S3Operation.ListParts,
        }) == CaveatDenial.None;
    }

    /// <summary>Checks the size of a body once it is known.</summary>
    /// <exception cref="S3Exception">403.</exception>
    public void RequireSize(S3Request request, long size) =>
        Require(request, OperationOf(request.Operation), request.Bucket, request.Key.Bytes.Span, size);

    /// <summary>
    /// The bucket that a read found: it must exist, be the caller's, and have the owner the client expects.
    /// </summary>
    /// <exception cref="S3Exception">404 or 403.</exception>
    public static BucketView RequireBucket(
        S3Request request, BucketView? bucket, string expectedOwnerHeader = "x-amz-expected-bucket-owner")
    {
        if (bucket is null)
            throw S3Errors.NoSuchBucket.Thrown();
        return Admits(request, bucket, expectedOwnerHeader) ? bucket : throw S3Errors.AccessDenied.Thrown();
    }

    /// <summary>Whether a bucket is the caller's and has the owner the client expects.</summary>
    public static bool Admits(
        S3Request request, BucketView bucket, string expectedOwnerHeader = "x-amz-expected-bucket-owner") =>
        bucket.ProjectId == request.Caller.Project.ProjectId
            && (request.Header(expectedOwnerHeader) is not { } expected || expected == request.Caller.Owner.AccountId);

    /// <summary>A key that isn't there: 404, or 403 for who may not know what is there.</summary>
    public S3Exception MissingKey(S3Request request, ObjectKey key) =>
        Allows(request, CapabilityOperations.List, request.Bucket, key.Bytes.Span)
            ? S3Errors.NoSuchKey.Thrown()
            : S3Errors.AccessDenied.Thrown();

    private static void RequireActive(S3Operation operation, S3Caller caller)
    {
        var state = (AccountState)Math.Max((int)caller.Project.State, (int)caller.View.TenantState);
        if (state == AccountState.Active || IsDeletion(operation))
            return;
        if (state != AccountState.ReadOnly)
            throw S3Errors.AccountProblem.Thrown();
        if (IsWrite(operation))
            throw S3Errors.AccessDenied.With("The project is read-only.").Thrown();
    }

    private static bool IsDeletion(S3Operation operation) => operation is S3Operation.DeleteObject
        or S3Operation.DeleteObjects or S3Operation.DeleteBucket or S3Operation.AbortMultipartUpload;

    private static bool IsWrite(S3Operation operation) => operation is S3Operation.CreateBucket
        or S3Operation.PutObject or S3Operation.CopyObject or S3Operation.CreateMultipartUpload
        or S3Operation.UploadPart or S3Operation.UploadPartCopy or S3Operation.CompleteMultipartUpload;

    private static CapabilityOperations OperationOf(S3Operation operation) => operation switch
    {
        S3Operation.GetObject or S3Operation.GetObjectAttributes => CapabilityOperations.Get,
        S3Operation.HeadObject or S3Operation.HeadBucket => CapabilityOperations.Head,
        S3Operation.PutObject or S3Operation.CopyObject => CapabilityOperations.Put,
        S3Operation.DeleteObject or S3Operation.DeleteObjects => CapabilityOperations.Delete,
        S3Operation.ListBuckets or S3Operation.ListObjects or S3Operation.ListObjectsV2
            or S3Operation.ListMultipartUploads or S3Operation.GetBucketLocation => CapabilityOperations.List,
        S3Operation.CreateMultipartUpload or S3Operation.UploadPart or S3Operation.UploadPartCopy
            or S3Operation.CompleteMultipartUpload or S3Operation.AbortMultipartUpload or S3Operation.ListParts
            => CapabilityOperations.Multipart,
        S3Operation.GetObjectTagging => CapabilityOperations.Tag,
        S3Operation.GetObjectAcl => CapabilityOperations.Acl,
        _ => CapabilityOperations.Admin,
    };
}
