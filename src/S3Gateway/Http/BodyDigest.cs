using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;

namespace Vault.S3Gateway.Http;

/// <summary>Hashes a body as it streams by: MD5 always, SHA-256 when it is signed, and one or two checksums.</summary>
internal sealed class BodyDigest : IDisposable
{
    private readonly IncrementalHash md5;
    private readonly IncrementalHash? sha256;
    private readonly IncrementalChecksum stored;
    private readonly IncrementalChecksum? named;

    /// <summary>Begins.</summary>
    /// <param name="needsSha256">Whether the signature covers the body's SHA-256.</param>
    /// <param name="storedAlgorithm">The checksum that is kept.</param>
    /// <param name="namedAlgorithm">The checksum that the client named, or none.</param>
    [SuppressMessage("Security", "CA5351", Justification = "S3 defines the entity tag as MD5; nothing trusts it.")]
    public BodyDigest(bool needsSha256, ChecksumAlgorithm storedAlgorithm, ChecksumAlgorithm namedAlgorithm)
    {
        md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        stored = new(storedAlgorithm);
        if (needsSha256 && storedAlgorithm != ChecksumAlgorithm.Sha256)
            sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (namedAlgorithm != ChecksumAlgorithm.None && namedAlgorithm != storedAlgorithm)
            named = new(namedAlgorithm);
    }

    /// <summary>Entity tag, after <see cref="Finish"/>.</summary>
    public ETag ETag { get; private set; }

    /// <summary>The checksum that is kept, after <see cref="Finish"/>.</summary>
    public Checksum Stored { get; private set; }

    /// <summary>The checksum that the client named, after <see cref="Finish"/>.</summary>
    public Checksum Named { get; private set; }

    /// <summary>SHA-256, when it was asked for, after <see cref="Finish"/>.</summary>
    public byte[] Sha256 { get; } = new byte[SHA256.HashSizeInBytes];

    /// <summary>Continues over the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        md5.AppendData(data);
        sha256?.AppendData(data);
        stored.Append(data);
        named?.Append(data);
    }

    /// <summary>Computes the results.</summary>
    public void Finish()
    {
        Span<byte> hash = stackalloc byte[ETag.Md5Size];
        md5.GetHashAndReset(hash);
        ETag = ETag.FromMd5(hash);
        Stored = stored.Finish();
        Named = named?.Finish() ?? Stored;
        if (sha256 is not null)
            sha256.GetHashAndReset(Sha256);
        else if (Stored.Algorithm == ChecksumAlgorithm.Sha256)
            Stored.CopyTo(Sha256);
    }

    public void Dispose()
    {
        md5.Dispose();
        sha256?.Dispose();
        stored.Dispose();
        named?.Dispose();
    }
}
