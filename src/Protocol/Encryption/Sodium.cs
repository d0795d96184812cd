using System.Runtime.InteropServices;

namespace Vault.Protocol.Encryption;

/// <summary>The functions of libsodium that the base library lacks. Lengths are checked by the callers.</summary>
internal static partial class Sodium
{
    internal const int BoxKeySize = 32;
    internal const int SealOverhead = 48;

    internal const string Library = "libsodium.so.23";

    /// <summary>Picks the fastest implementations and opens the random source; libsodium asks for it first.</summary>
    private static readonly bool Ready = sodium_init() >= 0;

    /// <summary>Whether this processor has the instructions that libsodium's AES needs.</summary>
    internal static readonly bool HasAes256Gcm = Ready && crypto_aead_aes256gcm_is_available() == 1;

    /// <summary>Bytes of an expanded AES-256-GCM key, which begins at a multiple of 16.</summary>
    internal const int Aes256GcmStateSize = 512;

    internal static void EnsureReady()
    {
        if (!Ready)
        {
            throw new InvalidOperationException("libsodium could not be initialised.");
        }
    }

    [LibraryImport(Library)]
    internal static partial int crypto_sign_seed_keypair(
        Span<byte> publicKey, Span<byte> secret, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_detached(
        Span<byte> signature, nint signatureLength, ReadOnlySpan<byte> message, ulong length,
        ReadOnlySpan<byte> secret);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult(
        Span<byte> shared, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_base(Span<byte> point, ReadOnlySpan<byte> scalar);

    [LibraryImport(Library)]
    internal static partial int crypto_generichash(
        Span<byte> hash, nuint hashLength, ReadOnlySpan<byte> message, ulong length, nint key, nuint keyLength);

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
    internal static unsafe partial int crypto_aead_aes256gcm_beforenm(byte* state, ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_aead_aes256gcm_encrypt_detached_afternm(
        Span<byte> ciphertext, Span<byte> tag, nint tagLength, ReadOnlySpan<byte> message, ulong length,
        ReadOnlySpan<byte> associatedData, ulong associatedLength, nint unused, ReadOnlySpan<byte> nonce, byte* state);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_aead_aes256gcm_decrypt_detached_afternm(
        Span<byte> message, nint unused, ReadOnlySpan<byte> ciphertext, ulong length, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData, ulong associatedLength, ReadOnlySpan<byte> nonce, byte* state);

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_is_available();

    [LibraryImport(Library)]
    private static partial int sodium_init();
}
