using Vault.Protocol.Credentials;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Bench;

/// <summary>What does a first request with a credential or bucket cost, before anything is cached?</summary>
internal static class KeyBench
{
    public static void Run(Report report)
    {
        using var keys = ClusterKeys.Generate();
        using var key = AccessKey.Generate();
        using var pair = KeyPair.Generate();
        using var record = new CredentialRecord
        {
            Macaroon = new string('A', 300),
            SecretAccessKey = SecretAccessKey.Generate(),
            Pair = KeyPair.Generate(),
        };
        var text = key.Id.Reveal();
        var box = SealedCredential.Seal(record, key.Id, keys);
        report.Latency("access key id parse and lookup", () => AccessKeyId.TryParse(text, out _));
        report.Latency("credential record open", () =>
        {
            SealedCredential.TryOpen(box, key.Id, keys, out var opened);
            opened!.Dispose();
        });
        var bucket = BucketId.New(DateTimeOffset.UnixEpoch);
        using var bucketKey = BucketKey.Generate(bucket, 1);
        var bucketBox = bucketKey.Seal(pair.PublicKey);
        report.Latency("bucket key box seal", () => bucketKey.Seal(pair.PublicKey));
        report.Latency("bucket key box open", () =>
        {
            BucketKey.TryOpen(bucketBox, bucket, 1, pair, out var opened);
            opened!.Dispose();
        });
        var derived = new byte[32];
        report.Latency("Argon2id 64 MiB, 3 passes", () =>
            Argon2.DeriveKey("password"u8, new byte[16], Argon2Parameters.Default, derived));
    }
}
