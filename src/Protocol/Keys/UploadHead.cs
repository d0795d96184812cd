using System.Diagnostics.CodeAnalysis;
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

    void IHeadRecord.WriteTo(ref CborWriter writer)
    {
        var hasChecksum = ChecksumAlgorithm != ChecksumAlgorithm.None;
        var hasHeaders = !ReferenceEquals(Headers, ObjectHeaders.Empty);
        writer.Map(1 + (hasChecksum ? 2 : 0) + (hasHeaders ? 1 : 0));
        writer.UInt(1);
        writer.Bytes(Root.Bytes);
        if (hasChecksum)
        {
            writer.UInt(2);
            writer.UInt((ulong)ChecksumAlgorithm);
            writer.UInt(3);
            writer.UInt((ulong)ChecksumType);
        }

        if (hasHeaders)
        {
            writer.UInt(4);
            Headers.WriteTo(ref writer);
        }
    }

    internal static bool TryDecode(ReadOnlySpan<byte> cbor, [NotNullWhen(true)] out UploadHead? head)
    {
        var reader = new CborReader(cbor);
        ReadOnlySpan<byte> root = default;
        var algorithm = ChecksumAlgorithm.None;
        var type = ChecksumType.None;
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
                    algorithm = (ChecksumAlgorithm)reader.Int32(byte.MaxValue);
                    break;
                case 3:
                    type = (ChecksumType)reader.Int32(byte.MaxValue);
                    break;
                case 4:
                    headers = ObjectHeaders.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        head = reader.IsComplete && !root.IsEmpty
            ? new UploadHead
            {
                Root = SecretKey.FromBytes(root),
                ChecksumAlgorithm = algorithm,
                ChecksumType = type,
                Headers = headers,
            }
            : null;
        return head is not null;
    }
}
