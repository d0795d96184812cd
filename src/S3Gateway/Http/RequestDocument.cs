using System.Buffers;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;

namespace Vault.S3Gateway.Http;

/// <summary>Reads a small request document whole: bounded, with its digests checked.</summary>
internal static class RequestDocument
{
    /// <summary>The document, or nothing when the request has no body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mostBytes">The longest document allowed.</param>
    /// <param name="needsDigest">Whether Content-MD5 or a checksum must be there.</param>
    /// <param name="hasOwnChecksum">False when the checksum headers speak of something else than the document.</param>
    /// <exception cref="S3Exception">Too long, truncated, or not what its digests say.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        S3Request request, int mostBytes, bool needsDigest, bool hasOwnChecksum = true)
    {
        var checks = BodyChecks.Read(request, hasOwnChecksum);
        if (needsDigest && !checks.Any)
        {
            throw S3Errors.InvalidRequest
                .With("Missing required header for this request: Content-MD5 OR x-amz-checksum-*").Thrown();
        }

        if (request.Http.Request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)
            return default;
        using var body = Open(request, mostBytes);
        var document = new ArrayBufferWriter<byte>((int)Math.Clamp(body.DecodedLength ?? 4096, 256, 64 << 10));
        while (true)
        {
            var count = await body.ReadAsync(document.GetMemory(4096), request.Http.RequestAborted);
            if (count == 0)
                break;
            document.Advance(count);
            if (document.WrittenCount > mostBytes)
                throw S3Errors.MaxMessageLengthExceeded.Thrown();
        }

        Verify(checks, body, document.WrittenSpan);
        return document.WrittenMemory;
    }

    private static RequestBody Open(S3Request request, int mostBytes)
    {
        if (request.Http.Request.ContentLength > mostBytes * 2L)
            throw S3Errors.MaxMessageLengthExceeded.Thrown();
        return RequestBody.Open(request, long.MaxValue);
    }

    private static void Verify(in BodyChecks checks, RequestBody body, ReadOnlySpan<byte> document)
    {
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        if (checks.NeedsSha256)
            SHA256.HashData(document, sha256);
        checks.Verify(body, ETag.Compute(document), Digest(checks.Named, document), sha256);
    }

    private static Checksum Digest(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> document)
    {
        if (algorithm == ChecksumAlgorithm.None)
            return default;
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(document);
        return checksum.Finish();
    }
}
