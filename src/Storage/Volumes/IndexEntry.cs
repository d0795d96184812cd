using System.Buffers.Binary;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// What an index knows about one record: all of its header, so that an index can stand in for a damaged one.
/// On disk 104 bytes, little-endian:
/// <code>
///  0 cid(32)  32 object id(16)  48 u64 sequence  56 u64 target  64 u64 argument  72 u64 written at, Unix ms
/// 80 u32 offset ÷ 16  84 u32 body length  88 u32 body CRC-32C  92 u32 chunk index
/// 96 u16 shard index  98 u16 flags  100 u8 type  101 zeros(3)
/// </code>
/// </summary>
internal struct IndexEntry
{
    internal const int Bytes = 104;

    public Cid Cid;
    public ObjectId ObjectId;
    public ulong Sequence;
    public ulong Target;
    public ulong Argument;
    public long WrittenAtMs;
    public uint OffsetUnits;
    public int BodyBytes;
    public uint BodyCrc;
    public uint ChunkIndex;
    public ushort ShardIndex;
    public ushort Flags;
    public RecordType Type;

    public readonly long Offset => (long)OffsetUnits * RecordHeader.Alignment;

    public readonly long BodyOffset => Offset + RecordHeader.Bytes;

    public readonly long TotalBytes => RecordHeader.TotalBytesFor(BodyBytes);

    public static IndexEntry From(in RecordHeader header, long offset) => new()
    {
        Cid = header.Cid,
        ObjectId = header.ObjectId,
        Sequence = header.Sequence,
        Target = header.Target,
        Argument = header.Argument,
        WrittenAtMs = header.WrittenAtMs,
        OffsetUnits = (uint)(offset / RecordHeader.Alignment),
        BodyBytes = header.BodyBytes,
        BodyCrc = header.BodyCrc,
        ChunkIndex = header.ChunkIndex,
        ShardIndex = header.ShardIndex,
        Flags = header.Flags,
        Type = header.Type,
    };

    public readonly RecordHeader ToHeader() => new()
    {
        Type = Type,
        Flags = Flags,
        BodyBytes = BodyBytes,
        BodyCrc = BodyCrc,
        Sequence = Sequence,
        WrittenAtMs = WrittenAtMs,
        Cid = Cid,
        ObjectId = ObjectId,
        ChunkIndex = ChunkIndex,
        ShardIndex = ShardIndex,
        Target = Target,
        Argument = Argument,
    };

    public readonly void Write(Span<byte> destination)
    {
        Cid.WriteTo(destination);
        ObjectId.WriteTo(destination[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], Target);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[64..], Argument);
        BinaryPrimitives.WriteInt64LittleEndian(destination[72..], WrittenAtMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[80..], OffsetUnits);
        BinaryPrimitives.WriteInt32LittleEndian(destination[84..], BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[88..], BodyCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[92..], ChunkIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[96..], ShardIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[98..], Flags);
        destination[100] = (byte)Type;
        destination[101..Bytes].Clear();
    }

    public static IndexEntry Read(ReadOnlySpan<byte> source) => new()
    {
        Cid = Cid.FromBytes(source[..Cid.Size]),
        ObjectId = ObjectId.FromBytes(source.Slice(32, ObjectId.Size)),
        Sequence = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
        Target = BinaryPrimitives.ReadUInt64LittleEndian(source[56..]),
        Argument = BinaryPrimitives.ReadUInt64LittleEndian(source[64..]),
        WrittenAtMs = BinaryPrimitives.ReadInt64LittleEndian(source[72..]),
        OffsetUnits = BinaryPrimitives.ReadUInt32LittleEndian(source[80..]),
        BodyBytes = BinaryPrimitives.ReadInt32LittleEndian(source[84..]),
        BodyCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[88..]),
        ChunkIndex = BinaryPrimitives.ReadUInt32LittleEndian(source[92..]),
        ShardIndex = BinaryPrimitives.ReadUInt16LittleEndian(source[96..]),
        Flags = BinaryPrimitives.ReadUInt16LittleEndian(source[98..]),
        Type = (RecordType)source[100],
    };
}
