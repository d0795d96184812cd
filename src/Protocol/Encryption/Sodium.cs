using System.Runtime.InteropServices;

namespace Vault.Protocol.Encryption;

/// <summary>
/// The functions of the libsodium that comes with NSec which it lacks, or has only for keys that it keeps in guarded
/// memory. Lengths are checked by the callers.
/// </summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    /// <summary>Picks the fastest implementations and opens the random source; libsodium asks for it first.</summary>
    private static readonly bool Ready = sodium_init() >= 0;

    /// <summary>Whether this processor has the instructions that libsodium's AES needs.</summary>
    internal static readonly bool HasAes256Gcm = Ready && crypto_aead_aes256gcm_is_available() == 1;

    internal static void EnsureReady()
    {
        if (!Ready)
        {
            throw new InvalidOperationException("libsodium could not be initialised.");
        }
    }

    [LibraryImport(Library)]
    internal static partial int crypto_secretbox_easy(
        Span<byte> box, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_secretbox_open_easy(
        Span<byte> message, ReadOnlySpan<byte> box, ulong length, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal(
        Span<byte> box, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal_open(
        Span<byte> message, ReadOnlySpan<byte> box, ulong length, ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_encrypt_detached(
        Span<byte> ciphertext, Span<byte> tag, nint tagLength, ReadOnlySpan<byte> message, ulong length,
        ReadOnlySpan<byte> associatedData, ulong associatedLength, nint unused, ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_decrypt_detached(
        Span<byte> message, nint unused, ReadOnlySpan<byte> ciphertext, ulong length, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData, ulong associatedLength, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_is_available();

    [LibraryImport(Library)]
    private static partial int sodium_init();
}
