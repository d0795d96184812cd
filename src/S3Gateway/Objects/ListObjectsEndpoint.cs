using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Buckets;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>ListObjects and ListObjectsV2: one page of committed heads in the order of their UTF-8 bytes.</summary>
internal sealed class ListObjectsEndpoint(IGrainFactory grains) : S3Endpoint
{
    private readonly IObjectListGrain lists = grains.GetGrain<IObjectListGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } =
        [S3Operation.ListObjects, S3Operation.ListObjectsV2];

    public override async Task HandleAsync(S3Request request)
    {
        var isV2 = request.Operation == S3Operation.ListObjectsV2;
        var query = request.Query;
        var listing = new Listing(
            ListParameters.IsUrlEncoded(query),
            ListParameters.Bytes(query["prefix"]),
            ListParameters.Bytes(query["delimiter"]),
            ListParameters.Limit("max-keys", query["max-keys"]));
        var after = isV2
            ? ContinuationToken.Decode(query["continuation-token"]) is { Length: > 0 } last
                ? last
                : ListParameters.Bytes(query["start-after"])
            : ListParameters.Bytes(query["marker"]);
        var page = await lists.ListAsync(
            new()
            {
                Bucket = request.Bucket,
                Prefix = listing.Prefix,
                After = after,
                Delimiter = listing.Delimiter,
                Limit = listing.Limit,
            },
            CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, page.Bucket);
        using var document = new S3XmlWriter();
        document.StartDocument("ListBucketResult"u8);
        document.Element("Name"u8, bucket.Name);
        document.Name("Prefix"u8, listing.Prefix, listing.UrlEncoded);
        if (isV2)
            WritePageV2(document, request, listing, page);
        else
            WritePageV1(document, listing, after, page);
        var owner = !isV2 || query["fetch-owner"] == "true" ? request.Caller : null;
        HeadSealer? sealer = null;
        foreach (var entry in page.Entries)
        {
            if (sealer is null || sealer.KeyNo != (uint)entry.KeyNo)
                sealer = await request.Caller.SealerAsync(bucket.BucketId, entry.KeyNo);
            WriteEntry(document, entry, sealer, owner, listing.UrlEncoded);
        }

        WritePrefixes(document, page, listing.UrlEncoded);
        document.End("ListBucketResult"u8);
        await SendAsync(request, document);
    }

    private static void WritePageV1(S3XmlWriter document, Listing listing, byte[] marker, ListPage page)
    {
        document.Name("Marker"u8, marker, listing.UrlEncoded);
        if (page.Truncated && listing.Delimiter.Length > 0)
            document.Name("NextMarker"u8, page.Last.Span, listing.UrlEncoded);
        WriteShape(document, listing, page);
    }

    private static void WritePageV2(S3XmlWriter document, S3Request request, Listing listing, ListPage page)
    {
        if (request.Query["continuation-token"] is { } token)
            document.Element("ContinuationToken"u8, token);
        if (page.Truncated)
            document.Element("NextContinuationToken"u8, ContinuationToken.Encode(page.Last.Span));
        if (request.Query["start-after"] is { } startAfter)
            document.Name("StartAfter"u8, ListParameters.Bytes(startAfter), listing.UrlEncoded);
        document.Element("KeyCount"u8, page.Entries.Length + page.CommonPrefixes.Length);
        WriteShape(document, listing, page);
    }

    private static void WriteShape(S3XmlWriter document, Listing listing, ListPage page)
    {
        document.Element("MaxKeys"u8, listing.Limit);
        if (listing.Delimiter.Length > 0)
            document.Name("Delimiter"u8, listing.Delimiter, listing.UrlEncoded);
        document.Element("IsTruncated"u8, page.Truncated);
        if (listing.UrlEncoded)
            document.Element("EncodingType"u8, "url"u8);
    }

    private static void WriteEntry(
        S3XmlWriter document, ListEntry entry, HeadSealer sealer, S3Caller? owner, bool urlEncoded)
    {
        if (!sealer.TryOpenList(entry.ListBox.Span, entry.VersionId, entry.Key.Span, out var head))
            throw S3Errors.DamagedObject.Thrown();
        document.Raw("<Contents>"u8);
        document.Name("Key"u8, entry.Key.Span, urlEncoded);
        document.Time("LastModified"u8, entry.ModifiedMs);
        document.EntityTag(head.ETag);
        if (head.ChecksumAlgorithm != ChecksumAlgorithm.None)
        {
            document.Element("ChecksumAlgorithm"u8, head.ChecksumAlgorithm.WireName());
            document.Element("ChecksumType"u8, head.ChecksumType.WireName());
        }

        document.Element("Size"u8, entry.Size);
        if (owner is not null)
            OwnerXml.Write(document, "Owner"u8, owner);
        document.Raw("<StorageClass>STANDARD</StorageClass></Contents>"u8);
    }

    private static void WritePrefixes(S3XmlWriter document, ListPage page, bool urlEncoded)
    {
        foreach (var prefix in page.CommonPrefixes)
        {
            document.Start("CommonPrefixes"u8);
            document.Name("Prefix"u8, prefix.Span, urlEncoded);
            document.End("CommonPrefixes"u8);
        }
    }

    private sealed record Listing(bool UrlEncoded, byte[] Prefix, byte[] Delimiter, int Limit);
}
