using System.Buffers.Binary;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Http;

/// <summary>Everything a client said its body would hash to.</summary>
internal readonly struct BodyChecks
{
    private readonly ChecksumRequest checksum;
    private readonly UInt128? contentMd5;
    private readonly SigV4Claim? claim;

    private BodyChecks(ChecksumRequest checksum, UInt128? contentMd5, SigV4Claim? claim)
    {
        this.checksum = checksum;
        this.contentMd5 = contentMd5;
        this.claim = claim;
    }

    /// <summary>The algorithm that the client named, or none.</summary>
    public ChecksumAlgorithm Named => checksum.Algorithm;

    /// <summary>True when the client sent an MD5 or a checksum of any kind.</summary>
    public bool Any => contentMd5 is not null || checksum.Algorithm != ChecksumAlgorithm.None;

    /// <summary>True when the SHA-256 of the body is part of the signature.</summary>
    public bool NeedsSha256 => claim?.Payload == PayloadMode.Hash;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="S3Exception">A header is malformed.</exception>
    public static BodyChecks Read(S3Request request, bool withChecksum = true) =>
        new(withChecksum ? ChecksumRequest.Read(request.Headers) : default, ContentMd5Of(request), request.Claim);

    /// <summary>Compares with what was received; the body has been read to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="md5">Its MD5.</param>
    /// <param name="computed">Its checksum by <see cref="Named"/>; not looked at when none was named.</param>
    /// <param name="sha256">Its SHA-256; not looked at unless <see cref="NeedsSha256"/>.</param>
    /// <exception cref="S3Exception">400 XAmzContentSHA256Mismatch or BadDigest.</exception>
    public void Verify(RequestBody body, ETag md5, Checksum computed, ReadOnlySpan<byte> sha256)
    {
        if (NeedsSha256)
        {
            Span<byte> signed = stackalloc byte[SHA256.HashSizeInBytes];
            claim!.TryGetPayloadHash(signed);
            if (!signed.SequenceEqual(sha256))
                throw S3Errors.Of(SigV4Outcome.ContentSha256Mismatch, null).Thrown();
        }

        if (contentMd5 is { } expectedMd5 && expectedMd5 != md5.Md5)
            throw S3Errors.BadDigest.With("The Content-MD5 you specified did not match what we received.").Thrown();
        if (checksum.Algorithm == ChecksumAlgorithm.None)
            return;
        var expected = checksum.Trails ? body.TrailingChecksum(checksum.Algorithm) : checksum.Expected;
        if (expected != computed)
        {
            throw S3Errors.BadDigest
                .With($"The {checksum.Algorithm.WireName()} you specified did not match the calculated checksum.")
                .Thrown();
        }
    }

    private static UInt128? ContentMd5Of(S3Request request)
    {
        if (request.Headers.ContentMD5.Count == 0)
            return null;
        Span<byte> md5 = stackalloc byte[18];
        var text = request.Headers.ContentMD5.ToString();
        return text.Length == 24 && Convert.TryFromBase64String(text, md5, out var length) && length == ETag.Md5Size
            ? BinaryPrimitives.ReadUInt128BigEndian(md5)
            : throw S3Errors.InvalidDigest.Thrown();
    }
}
