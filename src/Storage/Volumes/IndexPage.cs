using System.Buffers.Binary;
using Vault.Protocol.Checksums;

namespace Vault.Storage.Volumes;

/// <summary>
/// A 4096-byte page of an index file, little-endian:
/// <code>
///  0 u32 CRC-32C over log salt(16) ‖ bytes 4…4095
///  4 u8 kind   5 u8 overflow (1: look on in the next page)   6 u16 entries   8 u64 page number   16 contents
/// </code>
/// Kinds: 0 file header, 1 hash page (39 entries of 104 bytes), 2 order page (1020 slots, u32 each, by rising
/// sequence; slot = hash page × 39 + place), 3 filter page (63 blocks of 64 bytes).
/// </summary>
internal static class IndexPage
{
    internal const int Bytes = 4096, Header = 16;
    internal const byte File = 0, Hash = 1, Order = 2, Filter = 3;
    internal const int EntriesPerPage = (Bytes - Header) / IndexEntry.Bytes;
    internal const int SlotsPerPage = (Bytes - Header) / 4;
    internal const int BlocksPerPage = (Bytes - Header) / CidFilter.BlockBytes;

    internal static ReadOnlySpan<byte> Magic => "VAULTIX1"u8;

    public static void Finish(
        Span<byte> page, ReadOnlySpan<byte> salt, byte kind, bool overflow, int entries, long number)
    {
        page[4] = kind;
        page[5] = overflow ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(page[6..], (ushort)entries);
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(page, Crc32C.Compute(salt, page[4..Bytes]));
    }

    /// <summary>Entries on the page.</summary>
    /// <exception cref="IndexDamagedException">It is not the page that was written there.</exception>
    public static int Check(ReadOnlySpan<byte> page, ReadOnlySpan<byte> salt, byte kind, long number)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(page) != Crc32C.Compute(salt, page[4..Bytes])
            || page[4] != kind || BinaryPrimitives.ReadInt64LittleEndian(page[8..]) != number)
        {
            throw new IndexDamagedException($"Index page {number} is damaged.");
        }

        return BinaryPrimitives.ReadUInt16LittleEndian(page[6..]);
    }
}
