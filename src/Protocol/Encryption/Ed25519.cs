using NSec.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>Ed25519 signatures (RFC 8032).</summary>
public static class Ed25519
{
    /// <summary>Bytes in a private seed.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes in a public key.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Bytes in a signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>The public key of <paramref name="seed"/>.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = Import(seed);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Signs <paramref name="message"/> with the key of <paramref name="seed"/>.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = Import(seed);
        return SignatureAlgorithm.Ed25519.Sign(key, message);
    }

    /// <summary>
    /// Whether <paramref name="signature"/> is valid; false as well for S ≥ L, a non-canonical point or a public
    /// key of small order.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        NSec.Cryptography.PublicKey.TryImport(
            SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);

    private static Key Import(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize, nameof(seed));
        return Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
    }
}
