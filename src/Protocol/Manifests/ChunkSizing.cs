using System.Numerics;

namespace Vault.Protocol.Manifests;

/// <summary>How large the chunks of a body are, so that its manifest stays small and its shards sendable.</summary>
/// <remarks>docs/spec/chunks.md, section 3.</remarks>
public static class ChunkSizing
{
    /// <summary>Smallest chunk size.</summary>
    public const int MinBytes = 256 << 10;

    /// <summary>Largest chunk size.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Chunk size of a body whose length isn't known in advance.</summary>
    public const int UnknownLengthBytes = 1 << 20;

    private const int MaxShardBytes = 16 << 20;
    private const int MaxTargetChunks = 1024;
    private const int ShardsPerManifest = 45_000;

    /// <summary>The chunk size of a body of known length.</summary>
    /// <param name="totalBytes">Plaintext length.</param>
    /// <param name="dataShards">k, at least 1.</param>
    /// <param name="parityShards">m, at least 0; k + m at most 255.</param>
    public static int ForLength(long totalBytes, int dataShards, int parityShards)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(totalBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(dataShards, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(parityShards);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataShards + parityShards, 255);
        var target = Math.Min(MaxTargetChunks, ShardsPerManifest / (dataShards + parityShards));
        var wanted = BitOperations.RoundUpToPowerOf2((ulong)ChunkCount(totalBytes, target));
        return (int)Math.Clamp(wanted, MinBytes, (ulong)Cap(dataShards));
    }

    /// <summary>How many chunks a body has; none when empty.</summary>
    public static long ChunkCount(long totalBytes, int chunkBytes) =>
        totalBytes / chunkBytes + (totalBytes % chunkBytes == 0 ? 0 : 1);

    private static long Cap(int dataShards) =>
        Math.Min(MaxBytes, 1L << BitOperations.Log2((ulong)MaxShardBytes * (ulong)dataShards));
}
