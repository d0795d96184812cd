using System.Security.Cryptography;

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

    private const int ExpandedSize = 64;

    /// <summary>The public key of <paramref name="seed"/>.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var publicKey = new byte[PublicKeySize];
        Span<byte> expanded = stackalloc byte[ExpandedSize];
        Expand(seed, publicKey, expanded);
        CryptographicOperations.ZeroMemory(expanded);
        return publicKey;
    }

    /// <summary>Signs <paramref name="message"/> with the key of <paramref name="seed"/>.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeySize];
        Span<byte> expanded = stackalloc byte[ExpandedSize];
        Expand(seed, publicKey, expanded);
        var signature = new byte[SignatureSize];
        var result = Sodium.crypto_sign_detached(signature, 0, message, (ulong)message.Length, expanded);
        CryptographicOperations.ZeroMemory(expanded);
        return result == 0 ? signature : throw new CryptographicException("Signing failed.");
    }

    /// <summary>
    /// Whether <paramref name="signature"/> is valid; false as well for S ≥ L, a non-canonical point or a public
    /// key of small order.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Sodium.EnsureReady();
        return publicKey.Length == PublicKeySize
            && signature.Length == SignatureSize
            && Sodium.crypto_sign_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;
    }

    private static void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> expanded)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize, nameof(seed));
        if (Sodium.crypto_sign_seed_keypair(publicKey, expanded, seed) != 0)
        {
            throw new CryptographicException("The key could not be expanded.");
        }
    }
}
