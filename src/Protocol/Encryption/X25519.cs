using NSec.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>X25519 key agreement (RFC 7748).</summary>
public static class X25519
{
    /// <summary>Bytes in a private key, a public key and a shared secret.</summary>
    public const int KeySize = 32;

    /// <summary>The public key of <paramref name="privateKey"/>.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        using var key = Import(privateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Computes the shared secret; false for a point of small order, whose result would be all zero.</summary>
    public static bool TryAgree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, KeySize, nameof(publicKey));
        ArgumentOutOfRangeException.ThrowIfLessThan(shared.Length, KeySize, nameof(shared));
        using var key = Import(privateKey);
        var other = NSec.Cryptography.PublicKey.Import(
            KeyAgreementAlgorithm.X25519, publicKey, KeyBlobFormat.RawPublicKey);
        var exportable = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        using var secret = KeyAgreementAlgorithm.X25519.Agree(key, other, exportable);
        return secret is not null && secret.TryExport(SharedSecretBlobFormat.RawSharedSecret, shared, out _);
    }

    private static Key Import(ReadOnlySpan<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        return Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey);
    }
}
