using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.Protocol.Manifests;

namespace Vault.S3Gateway.Multipart;

/// <summary>The chosen parts as they are stored, opened and compared with what the client says of them.</summary>
internal sealed record UploadedParts(long PartsVersion, CompositePart[] Parts, ETag[] ETags, Checksum[] Checksums)
{
    private const int PageSize = 1000;
    private const long MinPartBytes = 5 << 20;

    /// <summary>Plaintext bytes of the object.</summary>
    public long Size { get; } = Parts.Sum(part => part.Bytes);

    /// <summary>Reads them; null when a part was uploaded meanwhile: begin again.</summary>
    /// <exception cref="S3Exception">400 InvalidPart or EntityTooSmall.</exception>
    public static async Task<UploadedParts?> ReadAsync(
        S3Request request, OpenUpload upload, IUploadReadGrain uploads, IReadOnlyList<ChosenPart> chosen)
    {
        var parts = new CompositePart[chosen.Count];
        var etags = new ETag[chosen.Count];
        var checksums = new Checksum[chosen.Count];
        var (next, after, version) = (0, 0, -1L);
        while (next < chosen.Count)
        {
            var page = await uploads.ReadPartsAsync(
                upload.View.UploadId, after, PageSize, CancellationToken.None);
            if (version >= 0 && page.PartsVersion != version)
                return null;
            version = page.PartsVersion;
            foreach (var part in page.Parts)
            {
                after = part.PartNumber;
                if (next == chosen.Count || chosen[next].Number > part.PartNumber)
                    continue;
                if (chosen[next].Number < part.PartNumber)
                    throw S3Errors.InvalidPart.Thrown();
                var head = await OpenAsync(request, upload, part);
                Require(chosen[next], head);
                (parts[next], etags[next], checksums[next]) =
                    (new(part.PartNumber, part.Size, part.ObjectId), head.ETag, head.Checksum);
                next++;
            }

            if (next < chosen.Count && !page.Truncated)
                throw S3Errors.InvalidPart.Thrown();
        }

        foreach (var part in parts.AsSpan(0, parts.Length - 1))
        {
            if (part.Bytes < MinPartBytes)
                throw S3Errors.EntityTooSmall.Thrown();
        }

        return new(version, parts, etags, checksums);
    }

    /// <summary>The object's checksum, from those of its parts.</summary>
    public Checksum Combine(ChecksumAlgorithm algorithm, ChecksumType type)
    {
        if (type == ChecksumType.Composite)
            return Checksum.Composite(algorithm, Checksums);
        var lengths = new (Checksum, long)[Parts.Length];
        for (var i = 0; i < lengths.Length; i++)
            lengths[i] = (Checksums[i], Parts[i].Bytes);
        return Checksum.Combine(algorithm, lengths);
    }

    /// <summary>
    /// The parts' checksums as the head keeps them: those of an upload that named its algorithm, when they are few.
    /// </summary>
    public ReadOnlyMemory<byte> ChecksumBytes(ChecksumAlgorithm named)
    {
        var length = named.Length();
        if (length == 0 || length * Checksums.Length > ObjectHead.MaxPartChecksumBytes)
            return default;
        var bytes = new byte[length * Checksums.Length];
        for (var i = 0; i < Checksums.Length; i++)
            Checksums[i].CopyTo(bytes.AsSpan(i * length));
        return bytes;
    }

    /// <summary>Opens the box of one part.</summary>
    public static async ValueTask<PartHead> OpenAsync(S3Request request, OpenUpload upload, PartView part)
    {
        var sealer = await request.Caller.SealerAsync(upload.Bucket.BucketId, part.KeyNo);
        return sealer.TryOpenPart(
            part.PartBox.Span, upload.View.UploadId, request.Key, part.PartNumber, part.ObjectId, out var head)
            ? head
            : throw S3Errors.DamagedObject.Thrown();
    }

    private static void Require(ChosenPart chosen, PartHead head)
    {
        if (!chosen.ETag.Equals(head.ETag.ToString(), StringComparison.OrdinalIgnoreCase)
            || (chosen.Checksum.Algorithm == head.Checksum.Algorithm && chosen.Checksum != head.Checksum))
            throw S3Errors.InvalidPart.Thrown();
    }
}
