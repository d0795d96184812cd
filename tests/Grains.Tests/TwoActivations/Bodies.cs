using System.Security.Cryptography;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>Bodies with real shards on a volume.</summary>
internal static class Bodies
{
    /// <summary>A body of some chunks of ten bytes, stored and committed nowhere yet.</summary>
    public static async Task<BodyManifest> StoreAsync(Volume volume, int chunks)
    {
        var attempt = new BodyAttempt(ObjectId.New(DateTimeOffset.UtcNow), 1, 1);
        var shards = new ShardLocation[chunks];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var bytes = RandomNumberGenerator.GetBytes(10 + ChunkCipher.Overhead);
            var cid = Cid.Compute(bytes);
            var receipt = await volume.AppendAsync(new ShardHeader(cid, attempt.ObjectId, (uint)chunk, 0), bytes);
            shards[chunk] = new ShardLocation(cid, receipt.VolumeNumber, receipt.Sequence);
        }

        return new BodyManifest(attempt, 1, 0, 10, chunks * 10L, shards);
    }

    public static ObjectBody Of(BodyManifest manifest) => new()
    {
        ObjectId = manifest.Attempt.ObjectId, Manifest = manifest.Encode(), StoredBytes = manifest.TotalBytes,
        GrantedAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
    };
}
