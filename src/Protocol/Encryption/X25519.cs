using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>X25519 key agreement (RFC 7748).</summary>
public static class X25519
{
    /// <summary>Bytes in a private key, a public key and a shared secret.</summary>
    public const int KeySize = Sodium.BoxKeySize;

    /// <summary>The public key of <paramref name="privateKey"/>.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        var publicKey = new byte[KeySize];
        return Sodium.crypto_scalarmult_base(publicKey, privateKey) == 0
            ? publicKey
            : throw new CryptographicException("The public key could not be computed.");
    }

    /// <summary>Computes the shared secret; false for a point of small order, whose result would be all zero.</summary>
    public static bool TryAgree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, KeySize, nameof(publicKey));
        ArgumentOutOfRangeException.ThrowIfLessThan(shared.Length, KeySize, nameof(shared));
        return Sodium.crypto_scalarmult(shared, privateKey, publicKey) == 0;
    }
}
