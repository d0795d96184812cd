using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// Anonymous public-key encryption (libsodium <c>crypto_box_seal</c>): anyone who knows an X25519 public key can
/// seal, only the holder of the private key can open. A box has no associated data, so what is boxed names itself.
/// </summary>
public static class SealedBox
{
    /// <summary>How much longer a box is than its message.</summary>
    public const int Overhead = 48;

    /// <summary>Boxes <paramref name="message"/> to <paramref name="publicKey"/>.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> message, ReadOnlySpan<byte> publicKey)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, X25519.KeySize, nameof(publicKey));
        var box = new byte[message.Length + Overhead];
        return Sodium.crypto_box_seal(box, message, (ulong)message.Length, publicKey) == 0
            ? box
            : throw new CryptographicException("The public key is not usable.");
    }

    /// <summary>
    /// Opens <paramref name="box"/> to <paramref name="message"/>, which is exactly 48 bytes shorter; false when
    /// the length is wrong or the box was not made for this key pair.
    /// </summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> box, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey, Span<byte> message)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, X25519.KeySize, nameof(publicKey));
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, X25519.KeySize, nameof(privateKey));
        return box.Length == message.Length + Overhead
            && Sodium.crypto_box_seal_open(message, box, (ulong)box.Length, publicKey, privateKey) == 0;
    }
}
