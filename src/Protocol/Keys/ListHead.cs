using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Keys;

/// <summary>What a listing shows of a version besides what is stored in clear: the plaintext of its list box.</summary>
/// <remarks>docs/spec/keys.md, section 4.</remarks>
public sealed record ListHead : IHeadRecord
{
    /// <summary>Entity tag.</summary>
    public required ETag ETag { get; init; }

    /// <summary>Checksum function, if any.</summary>
    public ChecksumAlgorithm ChecksumAlgorithm { get; init; }

    /// <summary>What the checksum covers.</summary>
    public ChecksumType ChecksumType { get; init; }

    int IHeadRecord.MaxBytes => 32;

    void IHeadRecord.WriteTo(CborWriter writer)
    {
        var hasChecksum = ChecksumAlgorithm != ChecksumAlgorithm.None;
        writer.WriteStartMap(hasChecksum ? 3 : 1);
        writer.WriteInt32(1);
        writer.WriteETag(ETag);
        if (hasChecksum)
        {
            writer.WriteInt32(2);
            writer.WriteUInt32((uint)ChecksumAlgorithm);
            writer.WriteInt32(3);
            writer.WriteUInt32((uint)ChecksumType);
        }

        writer.WriteEndMap();
    }

    internal static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out ListHead? head) =>
        CborFormat.TryRead(cbor, Read, out head);

    private static ListHead? Read(CborReader reader)
    {
        ETag? etag = null;
        var algorithm = ChecksumAlgorithm.None;
        var type = ChecksumType.None;
        for (var left = reader.Map(); left > 0; left--)
        {
            switch (reader.Key())
            {
                case 1:
                    etag = reader.ReadETag();
                    break;
                case 2:
                    algorithm = reader.ReadAlgorithm();
                    break;
                case 3:
                    type = reader.ReadChecksumType();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        reader.End();
        return etag is { } value
            ? new ListHead { ETag = value, ChecksumAlgorithm = algorithm, ChecksumType = type }
            : null;
    }
}
