using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;

namespace Vault.S3Gateway.Multipart;

/// <summary>The upload that a request names, opened; its root is wiped when disposed.</summary>
internal sealed record OpenUpload(BucketView Bucket, UploadView View, UploadHead Head) : IDisposable
{
    /// <summary>The checksum that parts and object keep: the one declared, or CRC64NVME.</summary>
    public ChecksumAlgorithm Algorithm =>
        Head.ChecksumAlgorithm == ChecksumAlgorithm.None ? ChecksumAlgorithm.Crc64Nvme : Head.ChecksumAlgorithm;

    /// <summary>What the object's checksum covers.</summary>
    public ChecksumType Type =>
        Head.ChecksumAlgorithm == ChecksumAlgorithm.None ? ChecksumType.FullObject : Head.ChecksumType;

    /// <summary>The upload id of a request.</summary>
    /// <exception cref="S3Exception">404 NoSuchUpload.</exception>
    public static UploadId IdOf(S3Request request) =>
        UploadId.TryParse(request.Query["uploadId"], out var id) ? id : throw S3Errors.NoSuchUpload.Thrown();

    /// <summary>Reads and opens it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="uploads">The reading grain.</param>
    /// <param name="completedToo">Whether one that was completed will do, as for a repeated completion.</param>
    /// <exception cref="S3Exception">404, 403.</exception>
    public static async Task<OpenUpload> ReadAsync(
        S3Request request, IUploadReadGrain uploads, bool completedToo = false)
    {
        var read = await uploads.ReadAsync(request.Bucket, request.Key.Bytes, IdOf(request), CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, read.Bucket);
        if (read.Upload is not { } view || (view.Completed && !completedToo))
            throw S3Errors.NoSuchUpload.Thrown();
        var sealer = await request.Caller.SealerAsync(bucket.BucketId, view.KeyNo);
        return sealer.TryOpenUpload(view.UploadBox.Span, view.UploadId, request.Key, out var head)
            ? new(bucket, view, head)
            : throw S3Errors.DamagedObject.Thrown();
    }

    /// <summary>Refuses a part whose checksum is of another algorithm than the upload's.</summary>
    /// <exception cref="S3Exception">400 InvalidRequest.</exception>
    public void RequireAlgorithm(ChecksumAlgorithm named)
    {
        if (named == ChecksumAlgorithm.None || Head.ChecksumAlgorithm == ChecksumAlgorithm.None
            || named == Head.ChecksumAlgorithm)
            return;
        throw S3Errors.InvalidRequest.With("Checksum Type mismatch occurred, expected checksum Type: "
            + $"{Lower(Head.ChecksumAlgorithm)}, actual checksum Type: {Lower(named)}").Thrown();
    }

    public void Dispose() => Head.Dispose();

    private static string Lower(ChecksumAlgorithm algorithm) => algorithm.WireName().ToLowerInvariant();
}
