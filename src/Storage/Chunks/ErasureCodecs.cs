using System.Collections.Concurrent;
using Vault.Protocol.Erasure;

namespace Vault.Storage.Chunks;

/// <summary>One codec for each profile in use; making one inverts a matrix.</summary>
internal static class ErasureCodecs
{
    private static readonly ConcurrentDictionary<(int, int), ErasureCodec> Known = new();

    public static ErasureCodec Of(int dataShards, int parityShards) =>
        Known.GetOrAdd((dataShards, parityShards), static shape => new ErasureCodec(shape.Item1, shape.Item2));
}
