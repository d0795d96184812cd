using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Keys;

/// <summary>What an uploaded part keeps sealed.</summary>
/// <remarks>docs/spec/keys.md, section 4.</remarks>
public sealed record PartHead : IHeadRecord
{
    /// <summary>MD5 of the part.</summary>
    public required ETag ETag { get; init; }

    /// <summary>Checksum of the part; <see cref="ChecksumAlgorithm.None"/> when it has none.</summary>
    public Checksum Checksum { get; init; }

    int IHeadRecord.MaxBytes => 128;

    void IHeadRecord.WriteTo(CborWriter writer)
    {
        var hasChecksum = Checksum.Algorithm != ChecksumAlgorithm.None;
        writer.WriteStartMap(hasChecksum ? 2 : 1);
        writer.WriteInt32(1);
        writer.WriteETag(ETag);
        if (hasChecksum)
        {
            writer.WriteInt32(2);
            writer.WriteChecksum(Checksum);
        }

        writer.WriteEndMap();
    }

    internal static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out PartHead? head) =>
        CborFormat.TryRead(cbor, Read, out head);

    private static PartHead? Read(CborReader reader)
    {
        ETag? etag = null;
        Checksum checksum = default;
        for (var left = reader.Map(); left > 0; left--)
        {
            switch (reader.Key())
            {
                case 1:
                    etag = reader.ReadETag();
                    break;
                case 2:
                    checksum = reader.ReadChecksum();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        reader.End();
        return etag is { } value ? new PartHead { ETag = value, Checksum = checksum } : null;
    }
}
