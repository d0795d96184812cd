using System.Text;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Buckets;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Buckets;

/// <summary>ListBuckets, paged when asked; buckets that the credential does not name are left out.</summary>
internal sealed class ListBucketsEndpoint(IGrainFactory grains, IOptions<S3Options> options) : S3Endpoint
{
    private const int MaxBuckets = 10_000;

    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.ListBuckets];

    public override async Task HandleAsync(S3Request request)
    {
        var prefix = request.Query["prefix"] ?? "";
        var limit = request.Query["max-buckets"] is { } text
            ? ListParameters.Limit("max-buckets", text, 1, MaxBuckets)
            : MaxBuckets;
        var after = ContinuationToken.Decode(request.Query["continuation-token"]) is { Length: > 0 } last
            ? Encoding.UTF8.GetString(last)
            : "";
        var (found, truncated) = await ListAsync(request, prefix, after, limit);
        using var document = new S3XmlWriter();
        document.StartDocument("ListAllMyBucketsResult"u8);
        OwnerXml.Write(document, "Owner"u8, request.Caller);
        document.Start("Buckets"u8);
        foreach (var bucket in found)
        {
            document.Start("Bucket"u8);
            document.Element("Name"u8, bucket.Name);
            document.Time("CreationDate"u8, bucket.CreatedMs);
            document.Element("BucketRegion"u8, BucketRegion.Of(bucket, options.Value));
            document.End("Bucket"u8);
        }

        document.End("Buckets"u8);
        if (truncated)
            document.Element("ContinuationToken"u8, ContinuationToken.Encode(Encoding.UTF8.GetBytes(found[^1].Name)));
        if (prefix.Length > 0)
            document.Element("Prefix"u8, prefix);
        document.End("ListAllMyBucketsResult"u8);
        await SendAsync(request, document);
    }

    private async Task<(List<BucketView> Found, bool Truncated)> ListAsync(
        S3Request request, string prefix, string after, int limit)
    {
        var region = request.Query["bucket-region"];
        var found = new List<BucketView>();
        while (true)
        {
            var page = await buckets.ListAsync(
                request.Caller.Project.ProjectId, prefix, after, Math.Min(limit + 1, MaxBuckets),
                CancellationToken.None);
            foreach (var bucket in page)
            {
                if (!request.Caller.Capability.AllowsBucket(bucket.Name)
                    || (region is not null && BucketRegion.Of(bucket, options.Value) != region))
                    continue;
                if (found.Count == limit)
                    return (found, true);
                found.Add(bucket);
            }

            if (page.Length < Math.Min(limit + 1, MaxBuckets))
                return (found, false);
            after = page[^1].Name;
        }
    }
}
