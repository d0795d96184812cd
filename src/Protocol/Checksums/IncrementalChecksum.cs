using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Vault.Protocol.Checksums;

/// <summary>Computes one checksum over a body as it streams by; for one caller at a time.</summary>
public sealed class IncrementalChecksum : IDisposable
{
    private readonly NonCryptographicHashAlgorithm? _crc;
    private readonly IncrementalHash? _hash;

    /// <summary>Starts over nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No algorithm was named.</exception>
    [SuppressMessage("Security", "CA5350", Justification = "S3 defines these checksums; nothing trusts them.")]
    [SuppressMessage("Security", "CA5351", Justification = "S3 defines these checksums; nothing trusts them.")]
    public IncrementalChecksum(ChecksumAlgorithm algorithm)
    {
        Algorithm = algorithm;
        switch (algorithm)
        {
            case ChecksumAlgorithm.Crc32:
                _crc = new Crc32();
                break;
            case ChecksumAlgorithm.Crc32C:
                _crc = new Crc32(Crc32ParameterSet.Crc32C);
                break;
            case ChecksumAlgorithm.Crc64Nvme:
                _crc = new Crc64(Crc64ParameterSet.Nvme);
                break;
            case ChecksumAlgorithm.Sha1:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
                break;
            case ChecksumAlgorithm.Sha256:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                break;
            case ChecksumAlgorithm.Sha512:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
                break;
            case ChecksumAlgorithm.Md5:
                _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(algorithm));
        }
    }

    /// <summary>Which function this computes.</summary>
    public ChecksumAlgorithm Algorithm { get; }

    /// <summary>Continues over <paramref name="data"/>.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (_crc is not null)
        {
            _crc.Append(data);
        }
        else
        {
            _hash!.AppendData(data);
        }
    }

    /// <summary>The checksum of all that was appended; then starts over.</summary>
    public Checksum Finish()
    {
        Span<byte> value = stackalloc byte[ChecksumAlgorithms.MaxLength];
        value = value[..(_crc?.GetHashAndReset(value) ?? _hash!.GetHashAndReset(value))];
        if (_crc is not null)
        {
            value.Reverse(); // the library writes the lowest byte first, S3 the highest
        }

        return Checksum.FullObject(Algorithm, value);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash?.Dispose();
}
