using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>XSalsa20-Poly1305 (NaCl <c>secretbox</c>), tag first; only third-party caveats use it.</summary>
public static class SecretBox
{
    /// <summary>Bytes in a key.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes in a nonce.</summary>
    public const int NonceSize = 24;

    /// <summary>How much longer a box is than its message.</summary>
    public const int Overhead = 16;

    /// <summary>Encrypts <paramref name="message"/> to <paramref name="box"/>, which is 16 bytes longer.</summary>
    public static void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> message, Span<byte> box)
    {
        Check(key, nonce);
        ArgumentOutOfRangeException.ThrowIfNotEqual(box.Length, message.Length + Overhead, nameof(box));
        if (Sodium.crypto_secretbox_easy(box, message, (ulong)message.Length, nonce, key) != 0)
        {
            throw new CryptographicException("Sealing failed.");
        }
    }

    /// <summary>
    /// Decrypts <paramref name="box"/> to <paramref name="message"/>; false when key or box is wrong.
    /// </summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> box, Span<byte> message)
    {
        Check(key, nonce);
        return box.Length == message.Length + Overhead
            && Sodium.crypto_secretbox_open_easy(message, box, (ulong)box.Length, nonce, key) == 0;
    }

    private static void Check(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize, nameof(key));
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize, nameof(nonce));
    }
}
