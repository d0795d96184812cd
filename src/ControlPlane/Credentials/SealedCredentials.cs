using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Credentials;

/// <summary>Turns a drawn access key into what the store keeps of it.</summary>
internal static class SealedCredentials
{
    public static NewCredential Seal(
        AccessKey key, Macaroon macaroon, string label, IReadOnlyList<ProjectSecret> projectKeys,
        IReadOnlyList<BucketKey> bucketKeys,
        ClusterKeys keys, bool recovery = false, bool isPublic = false, DateTimeOffset? expires = null)
    {
        using var record = new CredentialRecord
        {
            Macaroon = macaroon.ToText(),
            SecretAccessKey = Copy(key.Secret),
            Pair = KeyPair.Generate(),
        };
        var lookup = new byte[CredentialLookup.Size];
        key.Id.Lookup.WriteTo(lookup);
        var publicKey = record.Pair.PublicKey.ToArray();
        return new NewCredential
        {
            Lookup = lookup,
            Record = recovery
                ? SealedCredential.SealRecovery(record, key.Id)
                : SealedCredential.Seal(record, key.Id, keys),
            MacaroonId = macaroon.Identifier,
            PublicKey = publicKey,
            Label = label,
            Recovery = recovery,
            Public = isPublic,
            ExpiresMs = expires?.ToUnixTimeMilliseconds(),
            ProjectKeys = [.. projectKeys.Select(p => new KeyBox { KeyNo = (int)p.KeyNo, Box = p.Seal(publicKey) })],
            BucketKeys = [.. bucketKeys.Select(
                b => new BucketKeyBox { BucketId = b.BucketId, KeyNo = (int)b.KeyNo, Box = b.Seal(publicKey) })],
        };
    }

    /// <summary>The record owns its secret; the caller keeps its own.</summary>
    private static SecretAccessKey Copy(SecretAccessKey secret) =>
        SecretAccessKey.TryParse(secret.Reveal(), out var copy)
            ? copy
            : throw new System.Diagnostics.UnreachableException();
}
