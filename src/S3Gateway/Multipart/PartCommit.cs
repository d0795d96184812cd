using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Objects;

namespace Vault.S3Gateway.Multipart;

/// <summary>Makes a stored body a part of its upload.</summary>
internal sealed class PartCommit(IGrainFactory grains)
{
    /// <summary>Seals and commits one part; returns its time.</summary>
    /// <exception cref="S3Exception">The commit was refused.</exception>
    public async Task<long> PutAsync(
        S3Request request, OpenUpload upload, int partNumber, StoredBody stored, BodyDigest digest)
    {
        var bucket = upload.Bucket;
        var sealer = await request.Caller.WriterAsync(bucket, boxes: 1);
        var id = upload.View.UploadId;
        var part = new PartHead { ETag = digest.ETag, Checksum = digest.Stored };
        var result = await grains.GetGrain<IUploadGrain>(id.ToString()).PutPartAsync(
            new()
            {
                BucketId = bucket.BucketId,
                Key = request.Key.Bytes,
                PartNumber = partNumber,
                Size = stored.Size,
                KeyNo = bucket.KeyNo,
                PartBox = sealer.SealPart(id, request.Key, partNumber, stored.Body.ObjectId!.Value, part),
                Body = stored.Body,
            },
            CancellationToken.None);
        return result.Status == UploadStatus.Ok ? result.ModifiedMs : throw UploadOutcome.Refusal(result.Status);
    }

    /// <summary>The checksum to tell the client: the one it named, or the one that is kept.</summary>
    public static Checksum Shown(BodyDigest digest, BodyChecks checks) =>
        checks.Named == ChecksumAlgorithm.None ? digest.Stored : digest.Named;
}
