using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Keys;

/// <summary>What a listing shows of a version besides what is stored in clear: the plaintext of its list box.</summary>
/// <remarks>docs/spec/keys.md, section 4.</remarks>
public sealed record ListHead : IHeadRecord
{
    /// <summary>No larger number fits into the byte that says that it is one.</summary>
    private const byte MaxByteValue = 23;

    /// <summary>Entity tag.</summary>
    public required ETag ETag { get; init; }

    /// <summary>Checksum function, if any.</summary>
    public ChecksumAlgorithm ChecksumAlgorithm { get; init; }

    /// <summary>What the checksum covers.</summary>
    public ChecksumType ChecksumType { get; init; }

    /// <summary>A map of one field: number 1, an array of two, the first of 16 bytes.</summary>
    private static ReadOnlySpan<byte> OneField => [0xA1, 1, 0x82, 0x50];

    private static ReadOnlySpan<byte> ThreeFields => [0xA3, 1, 0x82, 0x50];

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

    internal static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out ListHead? head)
    {
        head = ReadUsual(cbor.Span);
        return head is not null || TryRead(cbor, out head);
    }

    /// <summary>What <see cref="TryDecode"/> makes of it, by the library alone.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out ListHead? head) =>
        CborFormat.TryRead(cbor, Read, out head);

    /// <summary>
    /// What <see cref="IHeadRecord.WriteTo"/> makes of an object that is not of 24 parts and more: fixed places. A page
    /// of a LIST has a thousand, which by the library alone take a tenth of its time (bench/RESULTS.md).
    /// </summary>
    private static ListHead? ReadUsual(ReadOnlySpan<byte> cbor)
    {
        const int etagAt = 4, partsAt = etagAt + ETag.Md5Size, plain = partsAt + 1, full = plain + 4;
        var hasChecksum = cbor.Length == full;
        if (!(hasChecksum ? cbor.StartsWith(ThreeFields) : cbor.Length == plain && cbor.StartsWith(OneField))
            || cbor[partsAt] > MaxByteValue)
        {
            return null;
        }

        var etag = ETag.FromMd5(cbor[etagAt..partsAt], cbor[partsAt]);
        if (!hasChecksum)
        {
            return new ListHead { ETag = etag };
        }

        return cbor[^4] == 2 && cbor[^3] <= MaxByteValue && cbor[^2] == 3 && cbor[^1] <= MaxByteValue
            ? new ListHead
            {
                ETag = etag,
                ChecksumAlgorithm = (ChecksumAlgorithm)cbor[^3],
                ChecksumType = (ChecksumType)cbor[^1],
            }
            : null;
    }

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
