using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Keys;

/// <summary>How heads carry entity tags and checksums.</summary>
internal static class ChecksumCbor
{
    internal const int MaxParts = 10_000;

    internal static void WriteETag(this CborWriter writer, ETag etag)
    {
        Span<byte> md5 = stackalloc byte[ETag.Md5Size];
        etag.WriteTo(md5);
        writer.WriteStartArray(2);
        writer.WriteByteString(md5);
        writer.WriteInt32(etag.Parts);
        writer.WriteEndArray();
    }

    internal static ETag ReadETag(this CborReader reader)
    {
        reader.ArrayOf(2);
        var etag = ETag.FromMd5(reader.Bytes(ETag.Md5Size, ETag.Md5Size).Span, reader.Int32(MaxParts));
        reader.ReadEndArray();
        return etag;
    }

    internal static void WriteChecksum(this CborWriter writer, Checksum checksum)
    {
        Span<byte> value = stackalloc byte[checksum.Length];
        checksum.CopyTo(value);
        writer.WriteStartArray(4);
        writer.WriteUInt32((uint)checksum.Algorithm);
        writer.WriteUInt32((uint)checksum.Type);
        writer.WriteInt32(checksum.Parts);
        writer.WriteByteString(value);
        writer.WriteEndArray();
    }

    internal static Checksum ReadChecksum(this CborReader reader)
    {
        reader.ArrayOf(4);
        var algorithm = reader.ReadAlgorithm();
        var type = reader.ReadChecksumType();
        var parts = reader.Int32(MaxParts);
        var value = reader.Bytes(0, ChecksumAlgorithms.MaxLength);
        reader.ReadEndArray();
        return Checksum.TryCreate(algorithm, type, parts, value.Span, out var checksum)
            ? checksum
            : throw new CborContentException("The value is no checksum.");
    }

    internal static ChecksumAlgorithm ReadAlgorithm(this CborReader reader) =>
        (ChecksumAlgorithm)reader.Int32(byte.MaxValue);

    internal static ChecksumType ReadChecksumType(this CborReader reader) => (ChecksumType)reader.Int32(byte.MaxValue);
}
