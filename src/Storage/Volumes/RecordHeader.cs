using System.Buffers.Binary;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// The fixed header of every record, 112 bytes, little-endian; the body follows, then zeros to a multiple of 16.
/// <code>
///   0 u32 CRC-32C over log salt(16) ‖ offset of this header in the log (u64) ‖ bytes 4…111
///   4 u8  type          5 u8  version (1)      6 u16 flags
///   8 u32 body length  12 u32 body CRC-32C
///  16 u64 sequence     24 u64 written at, Unix ms
///  32 cid(32)          64 object id(16)
///  80 u32 chunk index  84 u16 shard index     86 u16 zero
///  88 u64 target       96 u64 argument       104 u64 end
/// </code>
/// target: the sequence a control record speaks of; for a commit, the offset of the previous commit.
/// argument: expiry for a shard and an expiry change; bytes released for a tombstone; for a commit, the number of the
/// log of the previous commit. end: for a commit, the offset after it; else zero. Drawn in docs/spec/volume.md.
/// </summary>
internal struct RecordHeader
{
    internal const int Bytes = 112, Alignment = 16;
    private const byte Version = 1;

    public RecordType Type;
    public ushort Flags;
    public int BodyBytes;
    public uint BodyCrc;
    public ulong Sequence;
    public long WrittenAtMs;
    public Cid Cid;
    public ObjectId ObjectId;
    public uint ChunkIndex;
    public ushort ShardIndex;
    public ulong Target;
    public ulong Argument;
    public ulong End;

    /// <summary>Bytes that the record takes in a log, padding included.</summary>
    public readonly long TotalBytes => TotalBytesFor(BodyBytes);

    public static long TotalBytesFor(int bodyBytes) => (Bytes + (long)bodyBytes + Alignment - 1) & -Alignment;

    public readonly void Write(Span<byte> destination, ReadOnlySpan<byte> salt, long offset)
    {
        destination = destination[..Bytes];
        destination[4] = (byte)Type;
        destination[5] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], Flags);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], BodyCrc);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], WrittenAtMs);
        Cid.WriteTo(destination[32..]);
        ObjectId.WriteTo(destination[64..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[80..], ChunkIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[84..], ShardIndex);
        destination[86] = destination[87] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[88..], Target);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[96..], Argument);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[104..], End);
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Checksum(destination, salt, offset));
    }

    /// <summary>Reads a header that is at its own place in its own log; anything else is refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ReadOnlySpan<byte> salt, long offset, out RecordHeader header)
    {
        header = default;
        if (!Plausible(source) || BinaryPrimitives.ReadUInt32LittleEndian(source) != Checksum(source, salt, offset))
            return false;
        header = new RecordHeader
        {
            Type = (RecordType)source[4],
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            BodyBytes = BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BodyCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            WrittenAtMs = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            Cid = Cid.FromBytes(source.Slice(32, Cid.Size)),
            ObjectId = ObjectId.FromBytes(source.Slice(64, ObjectId.Size)),
            ChunkIndex = BinaryPrimitives.ReadUInt32LittleEndian(source[80..]),
            ShardIndex = BinaryPrimitives.ReadUInt16LittleEndian(source[84..]),
            Target = BinaryPrimitives.ReadUInt64LittleEndian(source[88..]),
            Argument = BinaryPrimitives.ReadUInt64LittleEndian(source[96..]),
            End = BinaryPrimitives.ReadUInt64LittleEndian(source[104..]),
        };
        return header.BodyBytes >= 0;
    }

    /// <summary>Cheap test before the checksum, for the search after damage.</summary>
    private static bool Plausible(ReadOnlySpan<byte> source) =>
        source.Length >= Bytes && source[5] == Version && source[4] is >= 1 and <= 7 && (source[86] | source[87]) == 0;

    private static uint Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> salt, long offset)
    {
        Span<byte> place = stackalloc byte[LogHeader.SaltBytes + 8];
        salt.CopyTo(place);
        BinaryPrimitives.WriteInt64LittleEndian(place[LogHeader.SaltBytes..], offset);
        return Crc32C.Compute(place, header[4..Bytes]);
    }
}
