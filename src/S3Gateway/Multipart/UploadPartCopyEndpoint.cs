using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>UploadPartCopy: a range of an object, decrypted and encrypted again under the upload's root.</summary>
internal sealed class UploadPartCopyEndpoint(
    IGrainFactory grains, BodyStore bodies, PartCommit commit, Authorization authorization) : S3Endpoint
{
    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);
    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.UploadPartCopy];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var number = PartNumbers.Parse(request.Query["partNumber"]);
        using var upload = await OpenUpload.ReadAsync(request, uploads);
        using var source = await CopySource.OpenAsync(request, reads, authorization);
        var range = RangeOf(request, source);
        authorization.RequireSize(request, range.Length);
        using var digest = new BodyDigest(needsSha256: false, upload.Algorithm, ChecksumAlgorithm.None);
        await using var body = bodies.Open(
            source.Version, source.Head, range.Offset, range.Length, request.Http.RequestAborted);
        var stored = await bodies.StoreAsync(
            body, upload.Head.Root, range.Length, digest, request.Http.RequestAborted);
        var modifiedMs = await CommitAsync(request, upload, number, stored, digest);
        request.Http.Response.Headers["x-amz-server-side-encryption"] = "AES256";
        using var document = new S3XmlWriter();
        document.StartDocument("CopyPartResult"u8);
        document.Time("LastModified"u8, modifiedMs);
        document.EntityTag(digest.ETag);
        ObjectAnswer.WriteChecksum(document, digest.Stored);
        document.End("CopyPartResult"u8);
        await SendAsync(request, document);
    }

    private async Task<long> CommitAsync(
        S3Request request, OpenUpload upload, int number, StoredBody stored, BodyDigest digest)
    {
        try
        {
            return await commit.PutAsync(request, upload, number, stored, digest);
        }
        catch (S3Exception)
        {
            await bodies.DiscardAsync(stored);
            throw;
        }
    }

    private static ByteRange RangeOf(S3Request request, CopySource source)
    {
        var size = source.Version.Size;
        var range = new ByteRange(RangeKind.Whole, 0, size);
        if (request.Header("x-amz-copy-source-range") is { } text)
        {
            if (!ByteRange.TryParseCopy(text, size, out range))
            {
                throw S3Errors.InvalidArgument.With("The x-amz-copy-source-range value must be of the form "
                    + "bytes=first-last where first and last are the zero-based offsets of the first and last bytes "
                    + "to copy").Thrown();
            }

            if (range.Kind == RangeKind.Unsatisfiable)
            {
                throw S3Errors.InvalidArgument
                    .With($"Range specified is not valid for source object of size: {size}").Thrown();
            }
        }

        if (range.Length > CopySource.MaxBytes)
        {
            throw S3Errors.InvalidRequest.With("The specified copy source is larger than the maximum allowable size "
                + "for a copy source: 5368709120").Thrown();
        }

        return range;
    }
}
