using System.Diagnostics.CodeAnalysis;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Keys;

/// <summary>All of a version that isn't stored in clear: the plaintext of its head box. Holds the root.</summary>
/// <remarks>docs/spec/keys.md, section 4.</remarks>
public sealed class ObjectHead : IHeadRecord, IDisposable
{
    /// <summary>Bytes in <see cref="PartListDigest"/>.</summary>
    public const int DigestSize = 32;

    /// <summary>Most bytes in <see cref="PartChecksums"/>: those of 4,096 parts with a CRC32.</summary>
    public const int MaxPartChecksumBytes = 16 << 10;

    /// <summary>Secret from which the keys of the object's chunks are derived; owned.</summary>
    public required SecretKey Root { get; init; }

    /// <summary>Entity tag.</summary>
    public required ETag ETag { get; init; }

    /// <summary>Checksum of the object; <see cref="ChecksumAlgorithm.None"/> when it has none.</summary>
    public Checksum Checksum { get; init; }

    /// <summary>SHA-256 of the encoded part list of a multipart object; otherwise empty.</summary>
    public ReadOnlyMemory<byte> PartListDigest { get; init; }

    /// <summary>
    /// The parts' checksums in order, of the object's algorithm, one after the other; empty when they are not kept.
    /// </summary>
    public ReadOnlyMemory<byte> PartChecksums { get; init; }

    /// <summary>Headers to give back.</summary>
    public ObjectHeaders Headers { get; init; } = ObjectHeaders.Empty;

    /// <summary>The encoding that is sealed, or boxed for an object grant. Holds the root: wipe it after use.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(stackalloc byte[512]);
        try
        {
            ((IHeadRecord)this).WriteTo(ref writer);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads what <see cref="Encode"/> made; fields of later versions are passed over.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> cbor, [NotNullWhen(true)] out ObjectHead? head)
    {
        var reader = new CborReader(cbor);
        ReadOnlySpan<byte> root = default;
        ReadOnlySpan<byte> digest = default;
        ReadOnlySpan<byte> partChecksums = default;
        ETag? etag = null;
        Checksum checksum = default;
        var headers = ObjectHeaders.Empty;
        var fields = reader.Map(ushort.MaxValue);
        for (var (i, key) = (0, 0); i < fields && !reader.Failed; i++)
        {
            key = reader.Key(key);
            switch (key)
            {
                case 1:
                    root = reader.Bytes(SecretKey.Size, SecretKey.Size);
                    break;
                case 2:
                    etag = reader.ETag();
                    break;
                case 3:
                    checksum = reader.Checksum();
                    break;
                case 4:
                    digest = reader.Bytes(DigestSize, DigestSize);
                    break;
                case 5:
                    headers = ObjectHeaders.Read(ref reader);
                    break;
                case 6:
                    partChecksums = reader.Bytes(1, MaxPartChecksumBytes);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!reader.IsComplete || root.IsEmpty || etag is not { } value)
        {
            head = null;
            return false;
        }

        head = new ObjectHead
        {
            Root = SecretKey.FromBytes(root),
            ETag = value,
            Checksum = checksum,
            PartListDigest = digest.IsEmpty ? default : digest.ToArray(),
            PartChecksums = partChecksums.IsEmpty ? default : partChecksums.ToArray(),
            Headers = headers,
        };
        return true;
    }

    /// <summary>Wipes the root.</summary>
    public void Dispose() => Root.Dispose();

    /// <summary>Never the values.</summary>
    public override string ToString() => nameof(ObjectHead);

    void IHeadRecord.WriteTo(ref CborWriter writer)
    {
        var hasChecksum = Checksum.Algorithm != ChecksumAlgorithm.None;
        var hasHeaders = !ReferenceEquals(Headers, ObjectHeaders.Empty);
        writer.Map(2 + (hasChecksum ? 1 : 0) + (PartListDigest.IsEmpty ? 0 : 1) + (hasHeaders ? 1 : 0)
            + (PartChecksums.IsEmpty ? 0 : 1));
        writer.UInt(1);
        writer.Bytes(Root.Bytes);
        writer.UInt(2);
        writer.ETag(ETag);
        if (hasChecksum)
        {
            writer.UInt(3);
            writer.Checksum(Checksum);
        }

        if (!PartListDigest.IsEmpty)
        {
            writer.UInt(4);
            writer.Bytes(PartListDigest.Span);
        }

        if (hasHeaders)
        {
            writer.UInt(5);
            Headers.WriteTo(ref writer);
        }

        if (!PartChecksums.IsEmpty)
        {
            writer.UInt(6);
            writer.Bytes(PartChecksums.Span);
        }
    }
}
