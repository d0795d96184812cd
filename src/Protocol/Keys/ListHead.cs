using System.Diagnostics.CodeAnalysis;
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

    void IHeadRecord.WriteTo(ref CborWriter writer)
    {
        var hasChecksum = ChecksumAlgorithm != ChecksumAlgorithm.None;
        writer.Map(hasChecksum ? 3 : 1);
        writer.UInt(1);
        writer.ETag(ETag);
        if (hasChecksum)
        {
            writer.UInt(2);
            writer.UInt((ulong)ChecksumAlgorithm);
            writer.UInt(3);
            writer.UInt((ulong)ChecksumType);
        }
    }

    internal static bool TryDecode(ReadOnlySpan<byte> cbor, [NotNullWhen(true)] out ListHead? head)
    {
        var reader = new CborReader(cbor);
        ETag? etag = null;
        var algorithm = ChecksumAlgorithm.None;
        var type = ChecksumType.None;
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
                    algorithm = (ChecksumAlgorithm)reader.Int32(byte.MaxValue);
                    break;
                case 3:
                    type = (ChecksumType)reader.Int32(byte.MaxValue);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        head = reader.IsComplete && etag is { } value
            ? new ListHead { ETag = value, ChecksumAlgorithm = algorithm, ChecksumType = type }
            : null;
        return head is not null;
    }
}
