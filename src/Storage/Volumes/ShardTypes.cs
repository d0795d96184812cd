using System.Buffers;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>What a shard's record says about it, besides its bytes.</summary>
/// <param name="Cid">SHA-256 of the body; the caller computed it.</param>
/// <param name="ObjectId">The object (version, part) that the shard belongs to.</param>
/// <param name="ChunkIndex">Number of the chunk within the object.</param>
/// <param name="ShardIndex">Number of the shard within the chunk.</param>
/// <param name="Flags">Kept for the caller; the volume gives them no meaning.</param>
/// <param name="ExpiresAtMs">Unix milliseconds, or 0 for none. The volume expires nothing by itself.</param>
public readonly record struct ShardHeader(
    Cid Cid, ObjectId ObjectId, uint ChunkIndex, ushort ShardIndex, ushort Flags = 0, ulong ExpiresAtMs = 0);

/// <summary>Says that a record is on stable storage.</summary>
/// <param name="VolumeNumber">The volume that holds it.</param>
/// <param name="Sequence">The record's place in the volume's order; DELETE names it.</param>
/// <param name="WrittenAtMs">Unix milliseconds by this volume's clock.</param>
public readonly record struct ShardReceipt(uint VolumeNumber, ulong Sequence, long WrittenAtMs);

/// <summary>Whether a record is served.</summary>
public enum ShardState
{
    /// <summary>Served.</summary>
    Live,

    /// <summary>Not served, kept until it is restored or deleted.</summary>
    Trashed,

    /// <summary>Found damaged; not served, dropped by the next compaction.</summary>
    Quarantined,
}

/// <summary>One stored record, as lookups and the sweep see it.</summary>
public readonly record struct ShardRecord(
    Cid Cid, ObjectId ObjectId, uint ChunkIndex, ushort ShardIndex, ushort Flags,
    ulong Sequence, long WrittenAtMs, int BodyBytes, ulong ExpiresAtMs, ShardState State);

/// <summary>A damaged record, or a damaged stretch of a log whose records cannot be told any more.</summary>
/// <param name="Cid">The shard, or null when its header is gone too.</param>
/// <param name="ObjectId">The shard's object, when known.</param>
/// <param name="Sequence">The record's sequence, or 0 when unknown.</param>
/// <param name="Log">Number of the log file.</param>
/// <param name="Offset">Where the damage begins.</param>
/// <param name="Bytes">How much is damaged.</param>
public readonly record struct QuarantinedRecord(
    Cid? Cid, ObjectId ObjectId, ulong Sequence, ulong Log, long Offset, long Bytes);

/// <summary>Bytes of one shard in pooled memory; dispose once they were used.</summary>
public sealed class ShardLease : IDisposable
{
    private byte[]? _buffer;
    private readonly int _length;

    internal ShardLease(byte[] buffer, int length, ulong sequence)
    {
        _buffer = buffer;
        _length = length;
        Sequence = sequence;
    }

    /// <summary>Sequence of the record that the bytes came from.</summary>
    public ulong Sequence { get; }

    /// <summary>The shard's bytes; writable, so that a chunk can be decrypted in place.</summary>
    public Memory<byte> Memory =>
        (_buffer ?? throw new ObjectDisposedException(nameof(ShardLease))).AsMemory(0, _length);

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
