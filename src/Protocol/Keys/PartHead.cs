using System.Diagnostics.CodeAnalysis;
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

    void IHeadRecord.WriteTo(ref CborWriter writer)
    {
        var hasChecksum = Checksum.Algorithm != ChecksumAlgorithm.None;
        writer.Map(hasChecksum ? 2 : 1);
        writer.UInt(1);
        writer.ETag(ETag);
        if (hasChecksum)
        {
            writer.UInt(2);
            writer.Checksum(Checksum);
        }
    }

    internal static bool TryDecode(ReadOnlySpan<byte> cbor, [NotNullWhen(true)] out PartHead? head)
    {
        var reader = new CborReader(cbor);
        ETag? etag = null;
        Checksum checksum = default;
        var fields = reader.Map(ushort.MaxValue);
        for (var (i, key) = (0, 0); i < fields && !reader.Failed; i++)
        {
            key = reader.Key(key);
            switch (key)
            {
                case 1:
                    etag = reader.ETag();
                    break;
                case 2:
                    checksum = reader.Checksum();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        head = reader.IsComplete && etag is { } value ? new PartHead { ETag = value, Checksum = checksum } : null;
        return head is not null;
    }
}
