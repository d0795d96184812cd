using System.Globalization;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Buckets;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>ListParts.</summary>
internal sealed class ListPartsEndpoint(IGrainFactory grains) : S3Endpoint
{
    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.ListParts];

    public override async Task HandleAsync(S3Request request)
    {
        var limit = ListParameters.Limit("max-parts", request.Query["max-parts"]);
        var after = MarkerOf(request.Query["part-number-marker"]);
        var urlEncoded = ListParameters.IsUrlEncoded(request.Query);
        using var upload = await OpenUpload.ReadAsync(request, uploads);
        var page = await uploads.ReadPartsAsync(upload.View.UploadId, after, limit, CancellationToken.None);
        using var document = new S3XmlWriter();
        document.StartDocument("ListPartsResult"u8);
        document.Element("Bucket"u8, request.Bucket);
        document.Name("Key"u8, request.Key.Bytes.Span, urlEncoded);
        document.Element("UploadId"u8, upload.View.UploadId.ToString());
        OwnerXml.Write(document, "Initiator"u8, request.Caller);
        OwnerXml.Write(document, "Owner"u8, request.Caller);
        document.Element("StorageClass"u8, "STANDARD"u8);
        document.Element("PartNumberMarker"u8, after);
        document.Element("NextPartNumberMarker"u8, page.Parts.Length == 0 ? 0 : page.Parts[^1].PartNumber);
        document.Element("MaxParts"u8, limit);
        document.Element("IsTruncated"u8, page.Truncated);
        if (upload.Head.ChecksumAlgorithm != ChecksumAlgorithm.None)
        {
            document.Element("ChecksumAlgorithm"u8, upload.Algorithm.WireName());
            document.Element("ChecksumType"u8, upload.Type.WireName());
        }

        foreach (var part in page.Parts)
        {
            var head = await UploadedParts.OpenAsync(request, upload, part);
            document.Start("Part"u8);
            document.Element("PartNumber"u8, part.PartNumber);
            document.Time("LastModified"u8, part.ModifiedMs);
            document.EntityTag(head.ETag);
            document.Element("Size"u8, part.Size);
            ObjectAnswer.WriteChecksum(document, head.Checksum);
            document.End("Part"u8);
        }

        document.End("ListPartsResult"u8);
        await SendAsync(request, document);
    }

    private static int MarkerOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var marker)
            ? marker
            : throw S3Errors.InvalidArgument
                .With("Provided part-number-marker not an integer or within integer range").Thrown();
    }
}
