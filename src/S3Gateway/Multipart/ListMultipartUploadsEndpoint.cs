using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Buckets;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>ListMultipartUploads: open uploads by key, then by upload id.</summary>
internal sealed class ListMultipartUploadsEndpoint(IGrainFactory grains) : S3Endpoint
{
    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.ListMultipartUploads];

    public override async Task HandleAsync(S3Request request)
    {
        var list = Read(request);
        var page = await uploads.ListAsync(list, CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, page.Bucket);
        var urlEncoded = ListParameters.IsUrlEncoded(request.Query);
        using var document = new S3XmlWriter();
        document.StartDocument("ListMultipartUploadsResult"u8);
        document.Element("Bucket"u8, bucket.Name);
        document.Name("KeyMarker"u8, list.AfterKey.Span, urlEncoded);
        document.Element("UploadIdMarker"u8, list.AfterUpload?.ToString());
        if (page.Truncated)
            WriteNext(document, page, urlEncoded);
        if (list.Delimiter.Length > 0)
            document.Name("Delimiter"u8, list.Delimiter.Span, urlEncoded);
        document.Name("Prefix"u8, list.Prefix.Span, urlEncoded);
        if (urlEncoded)
            document.Element("EncodingType"u8, "url"u8);
        document.Element("MaxUploads"u8, list.Limit);
        document.Element("IsTruncated"u8, page.Truncated);
        foreach (var upload in page.Uploads)
            await WriteAsync(document, request, bucket.BucketId, upload, urlEncoded);
        foreach (var prefix in page.CommonPrefixes)
        {
            document.Start("CommonPrefixes"u8);
            document.Name("Prefix"u8, prefix.Span, urlEncoded);
            document.End("CommonPrefixes"u8);
        }

        document.End("ListMultipartUploadsResult"u8);
        await SendAsync(request, document);
    }

    private static ListUploads Read(S3Request request)
    {
        var query = request.Query;
        var keyMarker = ListParameters.Bytes(query["key-marker"]);
        UploadId? after = null;
        if (keyMarker.Length > 0 && query["upload-id-marker"] is { Length: > 0 } marker)
        {
            after = UploadId.TryParse(marker, out var id)
                ? id
                : throw S3Errors.InvalidArgument.With("Invalid uploadId marker").Thrown();
        }

        return new()
        {
            Bucket = request.Bucket,
            Prefix = ListParameters.Bytes(query["prefix"]),
            Delimiter = ListParameters.Bytes(query["delimiter"]),
            AfterKey = keyMarker,
            AfterUpload = after,
            Limit = ListParameters.Limit("max-uploads", query["max-uploads"]),
        };
    }

    private static void WriteNext(S3XmlWriter document, UploadsPage page, bool urlEncoded)
    {
        var upload = page.Uploads.IsDefaultOrEmpty ? null : page.Uploads[^1];
        var prefix = page.CommonPrefixes.IsDefaultOrEmpty ? default : page.CommonPrefixes[^1];
        if (upload is null || prefix.Span.SequenceCompareTo(upload.Key.Span) > 0)
        {
            document.Name("NextKeyMarker"u8, prefix.Span, urlEncoded);
            document.Element("NextUploadIdMarker"u8, ""u8);
            return;
        }

        document.Name("NextKeyMarker"u8, upload.Key.Span, urlEncoded);
        document.Element("NextUploadIdMarker"u8, upload.UploadId.ToString());
    }

    private static async ValueTask WriteAsync(
        S3XmlWriter document, S3Request request, BucketId bucket, UploadView upload, bool urlEncoded)
    {
        var sealer = await request.Caller.SealerAsync(bucket, upload.KeyNo);
        if (!ObjectKey.TryParse(upload.Key.Span, out var key)
            || !sealer.TryOpenUpload(upload.UploadBox.Span, upload.UploadId, key, out var head))
            throw S3Errors.DamagedObject.Thrown();
        using (head)
        {
            document.Start("Upload"u8);
            document.Name("Key"u8, upload.Key.Span, urlEncoded);
            document.Element("UploadId"u8, upload.UploadId.ToString());
            OwnerXml.Write(document, "Initiator"u8, request.Caller);
            OwnerXml.Write(document, "Owner"u8, request.Caller);
            document.Element("StorageClass"u8, "STANDARD"u8);
            document.Time("Initiated"u8, upload.InitiatedMs);
            if (head.ChecksumAlgorithm != ChecksumAlgorithm.None)
            {
                document.Element("ChecksumAlgorithm"u8, head.ChecksumAlgorithm.WireName());
                document.Element("ChecksumType"u8, head.ChecksumType.WireName());
            }

            document.End("Upload"u8);
        }
    }
}
