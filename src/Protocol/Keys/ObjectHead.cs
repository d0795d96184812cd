using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
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

    int IHeadRecord.MaxBytes => 256 + PartChecksums.Length + Headers.MaxBytes;

    /// <summary>The encoding that is sealed, or boxed for an object grant. Holds the root: wipe it after use.</summary>
    public byte[] Encode()
    {
        var writer = CborFormat.Writer(((IHeadRecord)this).MaxBytes);
        ((IHeadRecord)this).WriteTo(writer);
        var cbor = writer.Encode();
        writer.Reset();
        return cbor;
    }

    /// <summary>Reads what <see cref="Encode"/> made; fields of later versions are passed over.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out ObjectHead? head) =>
        CborFormat.TryRead(cbor, Read, out head);

    /// <summary>Wipes the root.</summary>
    public void Dispose() => Root.Dispose();

    /// <summary>Never the values.</summary>
    public override string ToString() => nameof(ObjectHead);

    void IHeadRecord.WriteTo(CborWriter writer)
    {
        var hasChecksum = Checksum.Algorithm != ChecksumAlgorithm.None;
        var hasHeaders = !ReferenceEquals(Headers, ObjectHeaders.Empty);
        writer.WriteStartMap(2 + (hasChecksum ? 1 : 0) + (PartListDigest.IsEmpty ? 0 : 1) + (hasHeaders ? 1 : 0)
            + (PartChecksums.IsEmpty ? 0 : 1));
        writer.WriteInt32(1);
        writer.WriteByteString(Root.Bytes);
        writer.WriteInt32(2);
        writer.WriteETag(ETag);
        if (hasChecksum)
        {
            writer.WriteInt32(3);
            writer.WriteChecksum(Checksum);
        }

        if (!PartListDigest.IsEmpty)
        {
            writer.WriteInt32(4);
            writer.WriteByteString(PartListDigest.Span);
        }

        if (hasHeaders)
        {
            writer.WriteInt32(5);
            Headers.WriteTo(writer);
        }

        if (!PartChecksums.IsEmpty)
        {
            writer.WriteInt32(6);
            writer.WriteByteString(PartChecksums.Span);
        }

        writer.WriteEndMap();
    }

    private static ObjectHead? Read(CborReader reader)
    {
        ReadOnlyMemory<byte> root = default;
        ReadOnlyMemory<byte> digest = default;
        ReadOnlyMemory<byte> partChecksums = default;
        ETag? etag = null;
        Checksum checksum = default;
        var headers = ObjectHeaders.Empty;
        for (var left = reader.Map(); left > 0; left--)
        {
            switch (reader.Key())
            {
                case 1:
                    root = reader.Bytes(SecretKey.Size, SecretKey.Size);
                    break;
                case 2:
                    etag = reader.ReadETag();
                    break;
                case 3:
                    checksum = reader.ReadChecksum();
                    break;
                case 4:
                    digest = reader.Bytes(DigestSize, DigestSize);
                    break;
                case 5:
                    headers = ObjectHeaders.Read(reader);
                    break;
                case 6:
                    partChecksums = reader.Bytes(1, MaxPartChecksumBytes);
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        reader.End();
        return root.IsEmpty || etag is not { } value ? null : new ObjectHead
        {
            Root = SecretKey.FromBytes(root.Span),
            ETag = value,
            Checksum = checksum,
            PartListDigest = digest.IsEmpty ? default : digest.ToArray(),
            PartChecksums = partChecksums.IsEmpty ? default : partChecksums.ToArray(),
            Headers = headers,
        };
    }
}
