using Vault.Protocol.Manifests;

namespace Vault.Storage.Chunks;

/// <summary>
/// One place in a writer's window: encrypts, hashes and stores a chunk on the thread pool; used again and again.
/// </summary>
internal abstract class ChunkSlot
{
    /// <summary>A chunk is on its way, and has not been waited for.</summary>
    public bool Busy { get; protected set; }

    /// <summary>
    /// Takes the buffer over; <paramref name="inline"/> works on the caller's thread up to the append.
    /// </summary>
    public abstract void Start(ChunkBuffer buffer, int length, uint index, bool final, bool inline);

    /// <summary>Completes when the chunk is stored; then <see cref="Take"/> says where.</summary>
    public abstract ValueTask WaitAsync();

    /// <summary>Adds the locations of the chunk's shards.</summary>
    public abstract void Take(List<ShardLocation> entries);
}
