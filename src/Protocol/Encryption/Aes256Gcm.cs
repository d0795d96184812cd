using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// AES-256-GCM under one key for concurrent callers. Long texts go to the base library. Short ones, the boxes and
/// inline bodies, go to libsodium, which makes the same bytes and needs no object for a call: with the base library
/// alone a LIST of 1,000 keys costs about twice as much (bench/RESULTS.md). The base library does all where the
/// processor lacks the instructions that libsodium needs.
/// </summary>
/// <param name="key">Owned from now on.</param>
internal sealed class Aes256Gcm(SecretKey key) : IDisposable
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    /// <summary>Up to here a call's own cost outweighs its bytes.</summary>
    private const int ShortText = 4096;

    /// <summary>Encrypts; plaintext and ciphertext may be the same memory.</summary>
    internal void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        if (IsShort(plaintext))
        {
            Check(nonce, plaintext, ciphertext, tag);
            _ = Sodium.crypto_aead_aes256gcm_encrypt_detached(
                ciphertext, tag, 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length,
                0, nonce, key.Bytes);
            ThrowIfWiped();
            return;
        }

        using var cipher = new AesGcm(key.Bytes, TagSize);
        ThrowIfWiped();
        cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
    }

    /// <summary>Decrypts; false, with the plaintext wiped, when the tag does not match.</summary>
    internal bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        if (IsShort(ciphertext))
        {
            Check(nonce, ciphertext, plaintext, tag);
            var code = Sodium.crypto_aead_aes256gcm_decrypt_detached(
                plaintext, 0, ciphertext, (ulong)ciphertext.Length, tag, associatedData, (ulong)associatedData.Length,
                nonce, key.Bytes);
            ThrowIfWiped();
            if (code != 0)
            {
                CryptographicOperations.ZeroMemory(plaintext);
            }

            return code == 0;
        }

        using var cipher = new AesGcm(key.Bytes, TagSize);
        ThrowIfWiped();
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => key.Dispose();

    private static bool IsShort(ReadOnlySpan<byte> text) => text.Length <= ShortText && Sodium.HasAes256Gcm;

    private static void Check(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize, nameof(nonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length, nameof(to));
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagSize, nameof(tag));
    }

    /// <summary>What was made with a key that was wiped meanwhile must not be used.</summary>
    private void ThrowIfWiped()
    {
        Interlocked.MemoryBarrier();
        ObjectDisposedException.ThrowIf(key.IsDisposed, this);
    }
}
