using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;

namespace Vault.Protocol.Bench;

/// <summary>What does a manifest cost when it is stored and fetched?</summary>
internal static class ManifestBench
{
    public static void Run(Report report)
    {
        foreach (var chunks in new[] { 1, 256 })
        {
            var shards = new ShardLocation[chunks];
            for (var i = 0; i < chunks; i++)
            {
                shards[i] = new ShardLocation(Cid.Compute(BitConverter.GetBytes(i)), 1, (ulong)i + 100_000);
            }

            var attempt = BodyAttempt.New(DateTimeOffset.UnixEpoch);
            var manifest = new BodyManifest(attempt, 1, 0, 256 << 10, (long)chunks * (256 << 10), shards);
            var cbor = manifest.Encode();
            report.Latency($"manifest encode, {chunks} chunks", () => manifest.Encode());
            report.Latency($"manifest decode, {chunks} chunks", () => BodyManifest.TryDecode(cbor, out _));
        }
    }
}
