using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Buckets;

/// <summary>CreateBucket. The bucket's first key is drawn here and leaves only boxed to the project.</summary>
internal sealed class CreateBucketEndpoint(IGrainFactory grains, TimeProvider time, IOptions<S3Options> options)
    : S3Endpoint
{
    private const int MaxRegionLength = 64;

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.CreateBucket];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var document = await RequestDocument.ReadAsync(request, options.Value.MaxDocumentBytes, needsDigest: false);
        var region = RegionOf(document);
        var bucketId = BucketId.New(time.GetUtcNow());
        using var key = BucketKey.Generate(bucketId, 1);
        var project = request.Caller.Project;
        var result = await grains.GetGrain<IBucketNameGrain>(request.Bucket).CreateAsync(
            new()
            {
                ProjectId = project.ProjectId,
                BucketId = bucketId,
                Region = region,
                OwnerKeyBox = key.Seal(project.PublicKey.Span),
            },
            CancellationToken.None);
        Require(result);
        request.Http.Response.Headers.Location = "/" + request.Bucket;
        await SendStatus(request, 200);
    }

    private void Require(CreateBucketResult result)
    {
        var error = result.Status switch
        {
            CreateBucketStatus.Created => null,
            CreateBucketStatus.AlreadyOwnedByYou => IsClassic(result.Bucket) ? null : S3Errors.BucketAlreadyOwnedByYou,
            CreateBucketStatus.AlreadyExists => S3Errors.BucketAlreadyExists,
            CreateBucketStatus.TooManyBuckets => S3Errors.TooManyBuckets,
            CreateBucketStatus.ProjectNotActive => S3Errors.AccountProblem,
            _ => S3Errors.InternalError,
        };
        if (error is not null)
            throw error.Thrown();
    }

    private bool IsClassic(BucketView? bucket) =>
        bucket is not null && BucketRegion.Of(bucket, options.Value) == BucketRegion.Classic;

    private string RegionOf(ReadOnlyMemory<byte> document)
    {
        if (document.IsEmpty)
            return "";
        var root = S3XmlElement.Parse(document, "CreateBucketConfiguration");
        var region = root["LocationConstraint"] ?? "";
        if (region.Length == 0 || region == options.Value.Region)
            return "";
        foreach (var c in region)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                throw S3Errors.InvalidLocationConstraint.Thrown();
        }

        return region.Length > MaxRegionLength || options.Value.StrictRegion
            ? throw S3Errors.InvalidLocationConstraint.Thrown()
            : region;
    }
}
