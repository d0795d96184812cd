using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Keys;

/// <summary>How heads carry entity tags and checksums.</summary>
internal static class ChecksumCbor
{
    internal const int MaxParts = 10_000;

    internal static void ETag(this ref CborWriter writer, ETag etag)
    {
        writer.Array(2);
        etag.WriteTo(writer.Bytes(Checksums.ETag.Md5Size));
        writer.UInt((ulong)etag.Parts);
    }

    internal static ETag ETag(this ref CborReader reader)
    {
        if (reader.Array(2) != 2)
        {
            reader.Fail();
        }

        var md5 = reader.Bytes(Checksums.ETag.Md5Size, Checksums.ETag.Md5Size);
        var parts = reader.Int32(MaxParts);
        return reader.Failed ? default : Checksums.ETag.FromMd5(md5, parts);
    }

    internal static void Checksum(this ref CborWriter writer, Checksum checksum)
    {
        writer.Array(4);
        writer.UInt((ulong)checksum.Algorithm);
        writer.UInt((ulong)checksum.Type);
        writer.UInt((ulong)checksum.Parts);
        checksum.CopyTo(writer.Bytes(checksum.Length));
    }

    internal static Checksum Checksum(this ref CborReader reader)
    {
        if (reader.Array(4) != 4)
        {
            reader.Fail();
        }

        var algorithm = (ChecksumAlgorithm)reader.Int32(byte.MaxValue);
        var type = (ChecksumType)reader.Int32(byte.MaxValue);
        var parts = reader.Int32(MaxParts);
        var value = reader.Bytes(0, ChecksumAlgorithms.MaxLength);
        if (!Checksums.Checksum.TryCreate(algorithm, type, parts, value, out var checksum))
        {
            reader.Fail();
        }

        return checksum;
    }
}
