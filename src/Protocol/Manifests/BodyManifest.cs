using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vault.Protocol.Cbor;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>
/// How one body is stored: profile, chunk size, what its chunk cipher needs besides the root, and each shard's place.
/// Holds no secret.
/// </summary>
/// <remarks>docs/spec/manifests.md, section 1.</remarks>
public sealed class BodyManifest
{
    /// <summary>Most shards in one manifest.</summary>
    public const int MaxShards = 250_000;

    /// <summary>Most bytes of one encoded manifest.</summary>
    public const int MaxEncodedBytes = 16 << 20;

    private const int Version = 1;
    private const int Fields = 9;

    private readonly ShardLocation[] _shards;

    /// <summary>A manifest of a whole body.</summary>
    /// <param name="attempt">What the body was encrypted with, besides the object's root.</param>
    /// <param name="dataShards">k, at least 1.</param>
    /// <param name="parityShards">m, at least 0.</param>
    /// <param name="chunkBytes">Plaintext bytes of every chunk but the last.</param>
    /// <param name="totalBytes">Plaintext bytes of the body.</param>
    /// <param name="shards">k + m for each chunk in order, data shards first; kept, not copied.</param>
    /// <exception cref="ArgumentException">The numbers don't fit each other or exceed a limit, or a chunk has fewer
    /// than k + 1 shards (k without parity) that are stored.</exception>
    public BodyManifest(
        in BodyAttempt attempt, int dataShards, int parityShards, int chunkBytes, long totalBytes,
        ShardLocation[] shards)
    {
        if (!IsConsistent(dataShards, parityShards, chunkBytes, totalBytes, shards.Length)
            || !HasEnough(shards, dataShards, parityShards))
        {
            throw new ArgumentException("The manifest's numbers do not fit each other.", nameof(shards));
        }

        Attempt = attempt;
        DataShards = dataShards;
        ParityShards = parityShards;
        ChunkBytes = chunkBytes;
        TotalBytes = totalBytes;
        _shards = shards;
    }

    /// <summary>Identity, salt and nonce prefix of the body.</summary>
    public BodyAttempt Attempt { get; }

    /// <summary>k.</summary>
    public int DataShards { get; }

    /// <summary>m.</summary>
    public int ParityShards { get; }

    /// <summary>Plaintext bytes of every chunk but the last.</summary>
    public int ChunkBytes { get; }

    /// <summary>Plaintext bytes of the body.</summary>
    public long TotalBytes { get; }

    /// <summary>How many chunks there are; none for an empty body.</summary>
    public int ChunkCount => _shards.Length / ShardsPerChunk;

    /// <summary>k + m.</summary>
    public int ShardsPerChunk => DataShards + ParityShards;

    /// <summary>All shards, chunk by chunk.</summary>
    public ReadOnlyMemory<ShardLocation> Shards => _shards;

    /// <summary>The k + m shards of one chunk, data shards first.</summary>
    public ReadOnlySpan<ShardLocation> ShardsOf(int chunk) =>
        _shards.AsSpan(chunk * ShardsPerChunk, ShardsPerChunk);

    /// <summary>Plaintext bytes of one chunk.</summary>
    public int PlaintextBytes(int chunk)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, ChunkCount);
        return (int)Math.Min(ChunkBytes, TotalBytes - (long)chunk * ChunkBytes);
    }

    /// <summary>Encrypted bytes of one chunk.</summary>
    public int PayloadBytes(int chunk) => PlaintextBytes(chunk) + ChunkCipher.Overhead;

    /// <summary>Bytes of each shard of one chunk: an equal share, the last one zero-padded.</summary>
    public int ShardBytes(int chunk) => (PayloadBytes(chunk) + DataShards - 1) / DataShards;

    /// <summary>Whether <paramref name="chunk"/> is the last: the chunk cipher asks.</summary>
    public bool IsFinal(int chunk) => chunk == ChunkCount - 1;

    /// <summary>Merkle root over all shards.</summary>
    public byte[] Root() => MerkleTree.Root(this);

    /// <summary>The CBOR that is stored.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(stackalloc byte[1024]);
        try
        {
            writer.Map(Fields);
            writer.UInt(1);
            writer.UInt(Version);
            writer.UInt(2);
            Attempt.ObjectId.WriteTo(writer.Bytes(ObjectId.Size));
            writer.UInt(3);
            BinaryPrimitives.WriteUInt128BigEndian(writer.Bytes(BodyAttempt.SaltSize), Attempt.Salt);
            writer.UInt(4);
            BinaryPrimitives.WriteUInt32BigEndian(writer.Bytes(BodyAttempt.NoncePrefixSize), Attempt.NoncePrefix);
            writer.UInt(5);
            writer.UInt((ulong)DataShards);
            writer.UInt(6);
            writer.UInt((ulong)ParityShards);
            writer.UInt(7);
            writer.UInt((ulong)ChunkBytes);
            writer.UInt(8);
            writer.UInt((ulong)TotalBytes);
            writer.UInt(9);
            WriteChunks(ref writer);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads what <see cref="Encode"/> made; checks every bound before it allocates by it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> cbor, [NotNullWhen(true)] out BodyManifest? manifest)
    {
        manifest = null;
        if (cbor.Length > MaxEncodedBytes)
        {
            return false;
        }

        var reader = new CborReader(cbor);
        var fields = reader.Map(ushort.MaxValue);
        Expect(ref reader, 1);
        reader.UInt(Version);
        Expect(ref reader, 2);
        var objectId = reader.Bytes(ObjectId.Size, ObjectId.Size);
        Expect(ref reader, 3);
        var salt = reader.Bytes(BodyAttempt.SaltSize, BodyAttempt.SaltSize);
        Expect(ref reader, 4);
        var prefix = reader.Bytes(BodyAttempt.NoncePrefixSize, BodyAttempt.NoncePrefixSize);
        Expect(ref reader, 5);
        var dataShards = reader.Int32(byte.MaxValue);
        Expect(ref reader, 6);
        var parityShards = reader.Int32(byte.MaxValue);
        Expect(ref reader, 7);
        var chunkBytes = reader.Int32(ChunkSizing.MaxBytes);
        Expect(ref reader, 8);
        var totalBytes = (long)reader.UInt(long.MaxValue);
        Expect(ref reader, 9);
        var chunks = reader.Array(MaxShards);
        if (reader.Failed || fields != Fields
            || !IsConsistent(
                dataShards, parityShards, chunkBytes, totalBytes, (long)chunks * (dataShards + parityShards)))
        {
            return false;
        }

        var attempt = new BodyAttempt(
            ObjectId.FromBytes(objectId),
            BinaryPrimitives.ReadUInt128BigEndian(salt),
            BinaryPrimitives.ReadUInt32BigEndian(prefix));
        var shards = ReadChunks(ref reader, chunks, dataShards + parityShards, chunkBytes, totalBytes);
        if (shards is null || !reader.IsComplete || !HasEnough(shards, dataShards, parityShards))
        {
            return false;
        }

        manifest = new BodyManifest(attempt, dataShards, parityShards, chunkBytes, totalBytes, shards);
        return true;
    }

    private static bool IsConsistent(int dataShards, int parityShards, int chunkBytes, long totalBytes, long shards) =>
        dataShards >= 1 && parityShards >= 0 && dataShards + parityShards <= 255
        && chunkBytes is > 0 and <= ChunkSizing.MaxBytes
        && totalBytes >= 0
        && shards <= MaxShards
        && shards
            == Math.Min(ChunkSizing.ChunkCount(totalBytes, chunkBytes), MaxShards + 1L) * (dataShards + parityShards);

    /// <summary>How many shards are stored nowhere.</summary>
    public int AbsentShards => _shards.Count(static shard => shard.IsAbsent);

    /// <summary>Whether an encoded manifest has parity shards, without reading all of it.</summary>
    public static bool HasParity(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborReader(cbor);
        reader.Map(ushort.MaxValue);
        Expect(ref reader, 1);
        reader.UInt(Version);
        Expect(ref reader, 2);
        reader.Bytes(ObjectId.Size, ObjectId.Size);
        Expect(ref reader, 3);
        reader.Bytes(BodyAttempt.SaltSize, BodyAttempt.SaltSize);
        Expect(ref reader, 4);
        reader.Bytes(BodyAttempt.NoncePrefixSize, BodyAttempt.NoncePrefixSize);
        Expect(ref reader, 5);
        reader.Int32(byte.MaxValue);
        Expect(ref reader, 6);
        return reader.Int32(byte.MaxValue) > 0 && !reader.Failed;
    }

    /// <summary>After a loss of any one host each chunk must still be there.</summary>
    private static bool HasEnough(ReadOnlySpan<ShardLocation> shards, int dataShards, int parityShards)
    {
        if (parityShards == 0) return true;
        var perChunk = dataShards + parityShards;
        for (var at = 0; at < shards.Length; at += perChunk)
        {
            var stored = 0;
            foreach (ref readonly var shard in shards.Slice(at, perChunk)) stored += shard.IsAbsent ? 0 : 1;
            if (stored <= dataShards) return false;
        }

        return true;
    }

    private static void Expect(ref CborReader reader, ulong key)
    {
        if (reader.UInt() != key)
        {
            reader.Fail();
        }
    }

    private void WriteChunks(ref CborWriter writer)
    {
        writer.Array(ChunkCount);
        for (var chunk = 0; chunk < ChunkCount; chunk++)
        {
            writer.Array(1 + 3 * ShardsPerChunk);
            writer.UInt((ulong)PayloadBytes(chunk));
            foreach (ref readonly var shard in ShardsOf(chunk))
            {
                shard.Cid.WriteTo(writer.Bytes(Cid.Size));
                writer.UInt(shard.Volume);
                writer.UInt(shard.Sequence);
            }
        }
    }

    private static ShardLocation[]? ReadChunks(
        ref CborReader reader, int chunks, int shardsPerChunk, int chunkBytes, long totalBytes)
    {
        if ((long)chunks * shardsPerChunk * (Cid.Size + 4) > reader.Remaining)
        {
            return null;
        }

        var shards = new ShardLocation[chunks * shardsPerChunk];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var plaintext = (ulong)Math.Min(chunkBytes, totalBytes - (long)chunk * chunkBytes);
            if (reader.Array(1 + 3 * shardsPerChunk) != 1 + 3 * shardsPerChunk
                || reader.UInt() != plaintext + ChunkCipher.Overhead)
            {
                return null;
            }

            foreach (ref var shard in shards.AsSpan(chunk * shardsPerChunk, shardsPerChunk))
            {
                var cid = reader.Bytes(Cid.Size, Cid.Size);
                var volume = (uint)reader.UInt(uint.MaxValue);
                var sequence = reader.UInt();
                if (reader.Failed)
                {
                    return null;
                }

                shard = new ShardLocation(Cid.FromBytes(cid), volume, sequence);
            }
        }

        return shards;
    }
}
