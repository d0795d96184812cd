using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>BLAKE2b without a key.</summary>
public static class Blake2b
{
    /// <summary>Fills <paramref name="hash"/>, 16 to 64 bytes, with the hash of that length.</summary>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        Sodium.EnsureReady();
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, 16, nameof(hash));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hash.Length, 64, nameof(hash));
        if (Sodium.crypto_generichash(hash, (nuint)hash.Length, message, (ulong)message.Length, 0, 0) != 0)
        {
            throw new CryptographicException("Hashing failed.");
        }
    }
}
