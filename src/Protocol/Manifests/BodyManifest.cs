using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
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
    private const int MaxHead = 9;

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
        var writer = CborFormat.Writer(128 + ChunkCount * MaxHead + _shards.Length * (Cid.Size + 3 * MaxHead));
        Span<byte> bytes = stackalloc byte[Cid.Size];
        writer.WriteStartMap(Fields);
        writer.WriteInt32(1);
        writer.WriteInt32(Version);
        writer.WriteInt32(2);
        Attempt.ObjectId.WriteTo(bytes);
        writer.WriteByteString(bytes[..ObjectId.Size]);
        writer.WriteInt32(3);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Attempt.Salt);
        writer.WriteByteString(bytes[..BodyAttempt.SaltSize]);
        writer.WriteInt32(4);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Attempt.NoncePrefix);
        writer.WriteByteString(bytes[..BodyAttempt.NoncePrefixSize]);
        writer.WriteInt32(5);
        writer.WriteInt32(DataShards);
        writer.WriteInt32(6);
        writer.WriteInt32(ParityShards);
        writer.WriteInt32(7);
        writer.WriteInt32(ChunkBytes);
        writer.WriteInt32(8);
        writer.WriteInt64(TotalBytes);
        writer.WriteInt32(9);
        writer.WriteStartArray(ChunkCount);
        for (var chunk = 0; chunk < ChunkCount; chunk++)
        {
            writer.WriteStartArray(1 + 3 * ShardsPerChunk);
            writer.WriteInt32(PayloadBytes(chunk));
            foreach (ref readonly var shard in ShardsOf(chunk))
            {
                shard.Cid.WriteTo(bytes);
                writer.WriteByteString(bytes);
                writer.WriteUInt32(shard.Volume);
                writer.WriteUInt64(shard.Sequence);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Reads what <see cref="Encode"/> made; checks every bound before it allocates by it.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out BodyManifest? manifest)
    {
        manifest = null;
        return cbor.Length <= MaxEncodedBytes && CborFormat.TryRead(cbor, Read, out manifest);
    }

    /// <summary>Whether an encoded manifest has parity shards, without reading all of it.</summary>
    public static bool HasParity(ReadOnlyMemory<byte> cbor) =>
        CborFormat.TryRead(cbor, static reader => new Head(reader), out var head) && head.ParityShards > 0;

    private static bool IsConsistent(int dataShards, int parityShards, int chunkBytes, long totalBytes, long shards) =>
        dataShards >= 1 && parityShards >= 0 && dataShards + parityShards <= 255
        && chunkBytes is > 0 and <= ChunkSizing.MaxBytes
        && totalBytes >= 0
        && shards <= MaxShards
        && shards
            == Math.Min(ChunkSizing.ChunkCount(totalBytes, chunkBytes), MaxShards + 1L) * (dataShards + parityShards);

    /// <summary>How many shards are stored nowhere.</summary>
    public int AbsentShards => _shards.Count(static shard => shard.IsAbsent);

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

    private static BodyManifest? Read(CborReader reader)
    {
        var head = new Head(reader);
        var (dataShards, parityShards) = (head.DataShards, head.ParityShards);
        reader.Expect(7);
        var chunkBytes = reader.Int32(ChunkSizing.MaxBytes);
        reader.Expect(8);
        var totalBytes = reader.Int64(long.MaxValue);
        reader.Expect(9);
        var chunks = reader.Array(MaxShards);
        var shardsPerChunk = dataShards + parityShards;
        if (head.Fields != Fields
            || !IsConsistent(dataShards, parityShards, chunkBytes, totalBytes, (long)chunks * shardsPerChunk)
            || (long)chunks * shardsPerChunk * (Cid.Size + 4) > reader.BytesRemaining)
        {
            return null;
        }

        var shards = new ShardLocation[chunks * shardsPerChunk];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            reader.ArrayOf(1 + 3 * shardsPerChunk);
            reader.Expect((int)Math.Min(chunkBytes, totalBytes - (long)chunk * chunkBytes) + ChunkCipher.Overhead);
            foreach (ref var shard in shards.AsSpan(chunk * shardsPerChunk, shardsPerChunk))
            {
                shard = new ShardLocation(
                    Cid.FromBytes(reader.Bytes(Cid.Size, Cid.Size).Span), reader.ReadUInt32(), reader.ReadUInt64());
            }

            reader.ReadEndArray();
        }

        reader.ReadEndArray();
        reader.ReadEndMap();
        reader.End();
        return HasEnough(shards, dataShards, parityShards)
            ? new BodyManifest(head.Attempt, dataShards, parityShards, chunkBytes, totalBytes, shards)
            : null;
    }

    /// <summary>The fields up to the number of parity shards.</summary>
    private sealed class Head
    {
        internal Head(CborReader reader)
        {
            Fields = reader.ReadStartMap();
            reader.Expect(1);
            reader.Expect(Version);
            reader.Expect(2);
            var objectId = reader.Bytes(ObjectId.Size, ObjectId.Size).Span;
            reader.Expect(3);
            var salt = reader.Bytes(BodyAttempt.SaltSize, BodyAttempt.SaltSize).Span;
            reader.Expect(4);
            var prefix = reader.Bytes(BodyAttempt.NoncePrefixSize, BodyAttempt.NoncePrefixSize).Span;
            Attempt = new BodyAttempt(
                ObjectId.FromBytes(objectId),
                BinaryPrimitives.ReadUInt128BigEndian(salt),
                BinaryPrimitives.ReadUInt32BigEndian(prefix));
            reader.Expect(5);
            DataShards = reader.Int32(byte.MaxValue);
            reader.Expect(6);
            ParityShards = reader.Int32(byte.MaxValue);
        }

        internal int? Fields { get; }

        internal BodyAttempt Attempt { get; }

        internal int DataShards { get; }

        internal int ParityShards { get; }
    }
}
