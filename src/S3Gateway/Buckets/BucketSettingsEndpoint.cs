using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Buckets;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Buckets;

/// <summary>HeadBucket, GetBucketLocation, and reads of settings that are merely unset (decisions §6.2).</summary>
internal sealed class BucketSettingsEndpoint(IGrainFactory grains, IOptions<S3Options> options) : S3Endpoint
{
    private static readonly S3Error NoTags = new(404, "NoSuchTagSet", "The TagSet does not exist");
    private static readonly S3Error NoPolicy = new(404, "NoSuchBucketPolicy", "The bucket policy does not exist");
    private static readonly S3Error NoCors = new(404, "NoSuchCORSConfiguration",
        "The CORS configuration does not exist");
    private static readonly S3Error NoLifecycle = new(404, "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist");
    private static readonly S3Error NoWebsite = new(404, "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration");
    private static readonly S3Error NoObjectLock = new(404, "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket");

    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } =
    [
        S3Operation.HeadBucket, S3Operation.GetBucketLocation, S3Operation.GetBucketVersioning,
        S3Operation.GetBucketAcl, S3Operation.GetBucketTagging, S3Operation.GetBucketPolicy,
        S3Operation.GetBucketCors, S3Operation.GetBucketLifecycleConfiguration, S3Operation.GetBucketWebsite,
        S3Operation.GetObjectLockConfiguration, S3Operation.GetBucketEncryption,
    ];

    public override async Task HandleAsync(S3Request request)
    {
        var bucket = Authorization.RequireBucket(
            request, await buckets.ResolveAsync(request.Bucket, CancellationToken.None));
        if (request.Operation == S3Operation.HeadBucket)
        {
            request.Http.Response.Headers["x-amz-bucket-region"] = BucketRegion.Of(bucket, options.Value);
            request.Http.Response.Headers.ContentType = "application/xml";
            return;
        }

        using var document = new S3XmlWriter();
        Write(document, request, bucket);
        await SendAsync(request, document);
    }

    private void Write(S3XmlWriter document, S3Request request, BucketView bucket)
    {
        switch (request.Operation)
        {
            case S3Operation.GetBucketLocation:
                var region = BucketRegion.Of(bucket, options.Value);
                document.StartDocument("LocationConstraint"u8);
                document.Text(region == BucketRegion.Classic ? "" : region);
                document.End("LocationConstraint"u8);
                return;
            case S3Operation.GetBucketVersioning:
                document.StartDocument("VersioningConfiguration"u8);
                document.End("VersioningConfiguration"u8);
                return;
            case S3Operation.GetBucketAcl:
                OwnerXml.WriteAcl(document, request.Caller);
                return;
            case S3Operation.GetBucketEncryption:
                WriteEncryption(document);
                return;
            default:
                throw UnsetOf(request.Operation).Thrown();
        }
    }

    private static void WriteEncryption(S3XmlWriter document)
    {
        document.StartDocument("ServerSideEncryptionConfiguration"u8);
        document.Start("Rule"u8);
        document.Start("ApplyServerSideEncryptionByDefault"u8);
        document.Element("SSEAlgorithm"u8, "AES256"u8);
        document.End("ApplyServerSideEncryptionByDefault"u8);
        document.Element("BucketKeyEnabled"u8, value: false);
        document.End("Rule"u8);
        document.End("ServerSideEncryptionConfiguration"u8);
    }

    private static S3Error UnsetOf(S3Operation operation) => operation switch
    {
        S3Operation.GetBucketTagging => NoTags,
        S3Operation.GetBucketPolicy => NoPolicy,
        S3Operation.GetBucketCors => NoCors,
        S3Operation.GetBucketLifecycleConfiguration => NoLifecycle,
        S3Operation.GetBucketWebsite => NoWebsite,
        S3Operation.GetObjectLockConfiguration => NoObjectLock,
        _ => S3Errors.NotImplemented,
    };
}
