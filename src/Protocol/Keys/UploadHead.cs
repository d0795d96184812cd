using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Keys;

/// <summary>
/// What a multipart upload keeps sealed from its start for the object it will become. Holds the root.
/// </summary>
/// <remarks>docs/spec/keys.md, section 4.</remarks>
public sealed class UploadHead : IHeadRecord, IDisposable
{
    /// <summary>Secret from which the keys of every part's chunks are derived; owned.</summary>
    public required SecretKey Root { get; init; }

    /// <summary>Checksum function the parts and the object use.</summary>
    public ChecksumAlgorithm ChecksumAlgorithm { get; init; }

    /// <summary>What the object's checksum will cover.</summary>
    public ChecksumType ChecksumType { get; init; }

    /// <summary>Headers of the object.</summary>
    public ObjectHeaders Headers { get; init; } = ObjectHeaders.Empty;

    /// <summary>Wipes the root.</summary>
    public void Dispose() => Root.Dispose();

    /// <summary>Never the values.</summary>
    public override string ToString() => nameof(UploadHead);

    int IHeadRecord.MaxBytes => 64 + Headers.MaxBytes;

    void IHeadRecord.WriteTo(CborWriter writer)
    {
        var hasChecksum = ChecksumAlgorithm != ChecksumAlgorithm.None;
        var hasHeaders = !ReferenceEquals(Headers, ObjectHeaders.Empty);
        writer.WriteStartMap(1 + (hasChecksum ? 2 : 0) + (hasHeaders ? 1 : 0));
        writer.WriteInt32(1);
        writer.WriteByteString(Root.Bytes);
        if (hasChecksum)
        {
            writer.WriteInt32(2);
            writer.WriteUInt32((uint)ChecksumAlgorithm);
            writer.WriteInt32(3);
            writer.WriteUInt32((uint)ChecksumType);
        }

        if (hasHeaders)
        {
            writer.WriteInt32(4);
            Headers.WriteTo(writer);
        }

        writer.WriteEndMap();
    }

    internal static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out UploadHead? head) =>
        CborFormat.TryRead(cbor, Read, out head);

    private static UploadHead? Read(CborReader reader)
    {
        ReadOnlyMemory<byte> root = default;
        var algorithm = ChecksumAlgorithm.None;
        var type = ChecksumType.None;
        var headers = ObjectHeaders.Empty;
        for (var left = reader.Map(); left > 0; left--)
        {
            switch (reader.Key())
            {
                case 1:
                    root = reader.Bytes(SecretKey.Size, SecretKey.Size);
                    break;
                case 2:
                    algorithm = reader.ReadAlgorithm();
                    break;
                case 3:
                    type = reader.ReadChecksumType();
                    break;
                case 4:
                    headers = ObjectHeaders.Read(reader);
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        reader.End();
        return root.IsEmpty ? null : new UploadHead
        {
            Root = SecretKey.FromBytes(root.Span),
            ChecksumAlgorithm = algorithm,
            ChecksumType = type,
            Headers = headers,
        };
    }
}
