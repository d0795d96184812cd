using System.Collections.Frozen;

namespace Vault.S3Gateway.Routing;

/// <summary>
/// Names the operation of a request. Parameters are one of three: options, which change how an operation answers;
/// sub-resources, which are another operation; and the rest. What is a sub-resource and not in the table here, or has
/// no value and so looks like one, is refused: it never falls through to the plain operation.
/// </summary>
internal static class OperationRouter
{
    private static readonly FrozenSet<string> Options = FrozenSet.Create(
        "bucket-region", "continuation-token", "delimiter", "encoding-type", "fetch-owner", "key-marker", "list-type",
        "marker", "max-buckets", "max-keys", "max-parts", "max-uploads", "partNumber", "part-number-marker", "prefix",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "start-after", "uploadId",
        "upload-id-marker", "versionId", "version-id-marker", "x-id");

    private static readonly FrozenSet<string> SubResources = FrozenSet.Create(
        "abac", "accelerate", "acl", "analytics", "append", "attributes", "cors", "delete", "encryption",
        "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "location", "logging", "metadataConfiguration",
        "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics", "notification", "object-lock",
        "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication",
        "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploads", "versioning",
        "versions", "website");

    /// <summary>The operation; refusals are thrown.</summary>
    /// <param name="method">Method as received.</param>
    /// <param name="target">Bucket, key and query.</param>
    /// <param name="hasCopySource">Whether <c>x-amz-copy-source</c> was sent.</param>
    /// <exception cref="S3Exception">No such operation here.</exception>
    public static S3Operation Resolve(string method, in S3Target target, bool hasCopySource)
    {
        var sub = target.Query.Count == 0 ? null : SubResourceOf(target.Query);
        if (target.Bucket.Length == 0)
            return target.Key is null ? OfService(method, sub) : throw S3Errors.InvalidBucketName.Thrown();
        return target.Key is null
            ? OfBucket(method, sub, target.Query)
            : OfObject(method, sub, target.Query, hasCopySource);
    }

    private static string? SubResourceOf(S3Query query)
    {
        string? found = null;
        for (var i = 0; i < query.Count; i++)
        {
            var (name, value) = query[i];
            if (Options.Contains(name) || IsOfSignature(name))
                continue;
            if (!SubResources.Contains(name) && value.Length > 0)
                continue;
            if (found is not null && found != name)
                throw S3Errors.InvalidArgument.With($"Conflicting query string parameters: {found}, {name}").Thrown();
            found = name;
        }

        return found;
    }

    private static bool IsOfSignature(string name) => name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase);

    private static S3Operation OfService(string method, string? sub) => (method, sub) switch
    {
        ("GET", null) => S3Operation.ListBuckets,
        (_, null) => throw S3Errors.MethodNotAllowed.Thrown(),
        _ => throw S3Errors.NotImplemented.Thrown(),
    };

    private static S3Operation OfBucket(string method, string? sub, S3Query query) => (method, sub) switch
    {
        ("GET", null) => ListKind(query),
        ("HEAD", null) => S3Operation.HeadBucket,
        ("PUT", null) => S3Operation.CreateBucket,
        ("DELETE", null) => S3Operation.DeleteBucket,
        ("POST", "delete") => S3Operation.DeleteObjects,
        ("GET", "location") => S3Operation.GetBucketLocation,
        ("GET", "uploads") => S3Operation.ListMultipartUploads,
        ("GET", "versioning") => S3Operation.GetBucketVersioning,
        ("GET", "acl") => S3Operation.GetBucketAcl,
        ("GET", "tagging") => S3Operation.GetBucketTagging,
        ("GET", "policy") => S3Operation.GetBucketPolicy,
        ("GET", "cors") => S3Operation.GetBucketCors,
        ("GET", "lifecycle") => S3Operation.GetBucketLifecycleConfiguration,
        ("GET", "website") => S3Operation.GetBucketWebsite,
        ("GET", "object-lock") => S3Operation.GetObjectLockConfiguration,
        ("GET", "encryption") => S3Operation.GetBucketEncryption,
        (_, null) => throw S3Errors.MethodNotAllowed.Thrown(),
        _ => throw S3Errors.NotImplemented.Thrown(),
    };

    private static S3Operation ListKind(S3Query query) => query["list-type"] switch
    {
        null => S3Operation.ListObjects,
        "2" => S3Operation.ListObjectsV2,
        _ => throw S3Errors.InvalidArgument.With("Invalid List Type specified in Request").Thrown(),
    };

    private static S3Operation OfObject(string method, string? sub, S3Query query, bool hasCopySource)
    {
        var hasUpload = query.Has("uploadId");
        switch (method, sub)
        {
            case ("GET", null):
                return hasUpload ? S3Operation.ListParts : S3Operation.GetObject;
            case ("HEAD", null):
                return S3Operation.HeadObject;
            case ("PUT", null):
                return PutKind(hasUpload, query.Has("partNumber"), hasCopySource);
            case ("DELETE", null):
                return hasUpload ? S3Operation.AbortMultipartUpload : S3Operation.DeleteObject;
            case ("POST", null) when hasUpload:
                return S3Operation.CompleteMultipartUpload;
            case ("POST", "uploads"):
                return S3Operation.CreateMultipartUpload;
            case ("GET", "acl"):
                return S3Operation.GetObjectAcl;
            case ("GET", "tagging"):
                return S3Operation.GetObjectTagging;
            case ("GET", "attributes"):
                return S3Operation.GetObjectAttributes;
            case ("GET", "uploads"):
                throw S3Errors.InvalidRequest.With("Key is not expected for the GET method ?uploads subresource")
                    .Thrown();
            case (_, null):
                throw S3Errors.MethodNotAllowed.Thrown();
            default:
                throw S3Errors.NotImplemented.Thrown();
        }
    }

    private static S3Operation PutKind(bool hasUpload, bool hasPart, bool hasCopySource) => (hasUpload, hasPart) switch
    {
        (false, false) => hasCopySource ? S3Operation.CopyObject : S3Operation.PutObject,
        (true, true) => hasCopySource ? S3Operation.UploadPartCopy : S3Operation.UploadPart,
        (false, true) => throw S3Errors.InvalidArgument
            .With("This operation does not accept partNumber without uploadId").Thrown(),
        (true, false) => throw S3Errors.InvalidArgument
            .With("This operation does not accept uploadId without partNumber").Thrown(),
    };
}
