using System.Buffers.Binary;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>Bodies of requests and answers; big endian.</summary>
/// <remarks>docs/spec/shards.md, section 4.</remarks>
internal static class ShardWire
{
    public const string AuthHeader = "Vault-Shard-Auth";
    public const string MacHeader = "Vault-Shard-Mac";
    public const int ReceiptSize = 4 + 8 + 8;
    public const int StatSize = Cid.Size + 8;
    public const int RecordSize = Cid.Size + ObjectId.Size + 4 + 2 + 2 + 8 + 8 + 4 + 8 + 1;

    /// <summary>Largest answer that is not a shard.</summary>
    public const int MaxAnswer = ShardCall.MaxRecords * RecordSize;

    public static void Write(Span<byte> to, in ShardReceipt receipt)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, receipt.VolumeNumber);
        BinaryPrimitives.WriteUInt64BigEndian(to[4..], receipt.Sequence);
        BinaryPrimitives.WriteInt64BigEndian(to[12..], receipt.WrittenAtMs);
    }

    public static ShardReceipt ReadReceipt(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt32BigEndian(from), BinaryPrimitives.ReadUInt64BigEndian(from[4..]),
        BinaryPrimitives.ReadInt64BigEndian(from[12..]));

    public static void Write(Span<byte> to, in ShardRecord record)
    {
        record.Cid.WriteTo(to);
        record.ObjectId.WriteTo(to[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(to[48..], record.ChunkIndex);
        BinaryPrimitives.WriteUInt16BigEndian(to[52..], record.ShardIndex);
        BinaryPrimitives.WriteUInt16BigEndian(to[54..], record.Flags);
        BinaryPrimitives.WriteUInt64BigEndian(to[56..], record.Sequence);
        BinaryPrimitives.WriteInt64BigEndian(to[64..], record.WrittenAtMs);
        BinaryPrimitives.WriteInt32BigEndian(to[72..], record.BodyBytes);
        BinaryPrimitives.WriteUInt64BigEndian(to[76..], record.ExpiresAtMs);
        to[84] = (byte)record.State;
    }

    public static ShardRecord ReadRecord(ReadOnlySpan<byte> from) => new(
        Cid.FromBytes(from[..32]), ObjectId.FromBytes(from[32..48]), BinaryPrimitives.ReadUInt32BigEndian(from[48..]),
        BinaryPrimitives.ReadUInt16BigEndian(from[52..]), BinaryPrimitives.ReadUInt16BigEndian(from[54..]),
        BinaryPrimitives.ReadUInt64BigEndian(from[56..]), BinaryPrimitives.ReadInt64BigEndian(from[64..]),
        BinaryPrimitives.ReadInt32BigEndian(from[72..]), BinaryPrimitives.ReadUInt64BigEndian(from[76..]),
        (ShardState)from[84]);
}

/// <summary>Whether a volume has a shard.</summary>
public enum ShardPresence
{
    /// <summary>It is not there.</summary>
    Missing = 0,

    /// <summary>It is served.</summary>
    Present = 1,

    /// <summary>It is there and unreadable.</summary>
    Damaged = 2,
}
