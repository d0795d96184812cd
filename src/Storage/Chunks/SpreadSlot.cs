using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;

namespace Vault.Storage.Chunks;

/// <summary>Chunks whose shards go to the volumes of a cluster.</summary>
internal sealed class SpreadSlot(SpreadStore store, ChunkCipher cipher, ObjectId objectId) : ChunkSlot
{
    private Task<ShardLocation[]> _running = Task.FromResult(Array.Empty<ShardLocation>());

    public override void Start(ChunkBuffer buffer, int length, uint index, bool final, bool inline)
    {
        Busy = true;
        _running = Task.Run(() => StoreAsync(buffer, length + ChunkCipher.Overhead, index, final));
    }

    public override ValueTask WaitAsync()
    {
        Busy = false;
        return new(_running);
    }

    public override void Take(List<ShardLocation> entries) => entries.AddRange(_running.Result);

    private async Task<ShardLocation[]> StoreAsync(ChunkBuffer buffer, int payloadBytes, uint index, bool final)
    {
        try
        {
            cipher.EncryptInPlace(buffer.GetSpan()[..payloadBytes], index, final);
            return await store.StoreAsync(buffer.Memory, payloadBytes, objectId, index);
        }
        finally
        {
            buffer.Return();
        }
    }
}
