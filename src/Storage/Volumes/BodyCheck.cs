using System.Buffers;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>Reads a record back and compares it with what its index entry says.</summary>
internal static class BodyCheck
{
    /// <summary>Whether the body has the checksum it was written with.</summary>
    public static bool IsWhole(IVolumeFile file, in IndexEntry entry) => Read(file, entry, withCid: false);

    /// <summary>Whether the body also hashes to its CID; dearer, after an authentication tag failed.</summary>
    public static bool IsAuthentic(IVolumeFile file, in IndexEntry entry) => Read(file, entry, withCid: true);

    /// <summary>Reads the body; false when it can't be read or has another checksum.</summary>
    public static bool TryRead(IVolumeFile file, in IndexEntry entry, Span<byte> body)
    {
        try
        {
            return file.Read(body, entry.BodyOffset) == body.Length && Crc32C.Compute(body) == entry.BodyCrc;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether the header lies where the index says, whole.</summary>
    public static bool HeaderIsWhole(LogFile log, in IndexEntry entry)
    {
        try
        {
            Span<byte> bytes = stackalloc byte[RecordHeader.Bytes];
            return log.File.Read(bytes, entry.Offset) == bytes.Length
                && RecordHeader.TryRead(bytes, log.Header.Salt, entry.Offset, out _);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool Read(IVolumeFile file, in IndexEntry entry, bool withCid)
    {
        if (entry.Type != RecordType.Shard)
            return true;
        var buffer = ArrayPool<byte>.Shared.Rent(entry.BodyBytes);
        try
        {
            var body = buffer.AsSpan(0, entry.BodyBytes);
            return TryRead(file, entry, body) && (!withCid || Cid.Compute(body).Equals(entry.Cid));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
