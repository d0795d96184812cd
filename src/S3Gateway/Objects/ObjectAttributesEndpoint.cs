using System.Globalization;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>GetObjectAttributes.</summary>
internal sealed class ObjectAttributesEndpoint(IGrainFactory grains, BodyStore bodies, Authorization authorization)
    : S3Endpoint
{
    private static readonly string[] Known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.GetObjectAttributes];

    public override async Task HandleAsync(S3Request request)
    {
        ObjectVersion.RequireCurrent(request.Query["versionId"]);
        var wanted = WantedOf(request);
        var read = await reads.ReadAsync(
            new() { Bucket = request.Bucket, Key = request.Key.Bytes, WithBody = true }, CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, read.Bucket);
        var version = read.Head ?? throw authorization.MissingKey(request, request.Key);
        var sealer = await request.Caller.SealerAsync(bucket.BucketId, version.KeyNo);
        if (!sealer.TryOpenHead(version.HeadBox.Span, version.VersionId, request.Key, out var head))
            throw S3Errors.DamagedObject.Thrown();
        using (head)
        using (var document = new S3XmlWriter())
        {
            document.StartDocument("GetObjectAttributesResponse"u8);
            await WriteAsync(document, request, wanted, version, head);
            document.End("GetObjectAttributesResponse"u8);
            request.Http.Response.Headers.LastModified = HttpDates.Format(version.ModifiedMs);
            await SendAsync(request, document);
        }
    }

    private async ValueTask WriteAsync(
        S3XmlWriter document, S3Request request, HashSet<string> wanted, SealedHead version, ObjectHead head)
    {
        if (wanted.Contains("ETag"))
            document.Element("ETag"u8, head.ETag.ToString());
        if (wanted.Contains("Checksum") && head.Checksum.Algorithm != ChecksumAlgorithm.None)
        {
            document.Start("Checksum"u8);
            ObjectAnswer.WriteChecksum(document, head.Checksum);
            document.Element("ChecksumType"u8, head.Checksum.Type.WireName());
            document.End("Checksum"u8);
        }

        if (wanted.Contains("ObjectParts") && !head.PartListDigest.IsEmpty)
            await WritePartsAsync(document, request, version, head);
        if (wanted.Contains("StorageClass"))
            document.Element("StorageClass"u8, "STANDARD"u8);
        if (wanted.Contains("ObjectSize"))
            document.Element("ObjectSize"u8, version.Size);
    }

    private async ValueTask WritePartsAsync(
        S3XmlWriter document, S3Request request, SealedHead version, ObjectHead head)
    {
        var limit = ListParameters.Limit("max-parts", request.Header("x-amz-max-parts"));
        var after = int.TryParse(
            request.Header("x-amz-part-number-marker"), NumberStyles.None, CultureInfo.InvariantCulture, out var marker)
            ? marker
            : 0;
        var parts = (await bodies.PartsAsync(version, head)).Parts.ToArray();
        var first = parts.Count(part => part.Number <= after);
        var page = parts[first..Math.Min(first + limit, parts.Length)];
        var last = page.Length == 0 ? 0 : page[^1].Number;
        document.Start("ObjectParts"u8);
        document.Element("PartsCount"u8, parts.Length);
        document.Element("PartNumberMarker"u8, after);
        document.Element("NextPartNumberMarker"u8, last);
        document.Element("MaxParts"u8, limit);
        document.Element("IsTruncated"u8, page.Length > 0 && last != parts[^1].Number);
        var length = head.PartChecksums.Length / parts.Length;
        for (var i = 0; i < page.Length; i++)
        {
            document.Start("Part"u8);
            document.Element("PartNumber"u8, page[i].Number);
            document.Element("Size"u8, page[i].Bytes);
            if (length > 0 && length == head.Checksum.Length)
            {
                var value = head.PartChecksums.Slice((first + i) * length, length);
                ObjectAnswer.WriteChecksum(document, Checksum.FullObject(head.Checksum.Algorithm, value.Span));
            }

            document.End("Part"u8);
        }

        document.End("ObjectParts"u8);
    }

    private static HashSet<string> WantedOf(S3Request request)
    {
        var wanted = new HashSet<string>(
            (request.Header("x-amz-object-attributes") ?? "").Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            StringComparer.Ordinal);
        return wanted.Count > 0 && wanted.IsSubsetOf(Known)
            ? wanted
            : throw S3Errors.InvalidArgument.With("Invalid attribute name specified.").Thrown();
    }
}
