using System.Buffers.Binary;
using System.Security.Cryptography;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Encryption;

/// <summary>Encrypts and decrypts the chunks of one body, in place; safe for concurrent use.</summary>
/// <remarks>
/// A payload is nonce(12) ‖ ciphertext ‖ tag(16). The authenticated data names the body, the chunk's index, whether
/// it is the last, and its length, so that truncation, reordering and splicing fail: docs/spec/chunks.md, section 2.
/// </remarks>
public sealed class ChunkCipher : IDisposable
{
    /// <summary>Bytes before the plaintext in a payload.</summary>
    public const int NonceSize = Aes256Gcm.NonceSize;

    /// <summary>Bytes after the plaintext in a payload.</summary>
    public const int TagSize = Aes256Gcm.TagSize;

    /// <summary>How much longer a payload is than its plaintext.</summary>
    public const int Overhead = NonceSize + TagSize;

    private const int AadSize = 10 + ObjectId.Size + 4 + 1 + 4;

    private readonly BodyAttempt _attempt;
    private readonly Aes256Gcm _cipher;

    /// <summary>The cipher of one body.</summary>
    /// <param name="root">The object's 32-byte root; not kept.</param>
    /// <param name="attempt">Which body under that root.</param>
    public ChunkCipher(ReadOnlySpan<byte> root, in BodyAttempt attempt)
    {
        _attempt = attempt;
        Span<byte> salt = stackalloc byte[BodyAttempt.SaltSize];
        BinaryPrimitives.WriteUInt128BigEndian(salt, attempt.Salt);
        Span<byte> key = stackalloc byte[KeyDerivation.KeySize];
        KeyDerivation.ChunkKey(root, salt, key);
        _cipher = new Aes256Gcm(SecretKey.FromBytes(key));
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>The part of <paramref name="payload"/> that holds the plaintext.</summary>
    public static Span<byte> Plaintext(Span<byte> payload) => payload[NonceSize..^TagSize];

    /// <summary>Encrypts in place.</summary>
    /// <param name="payload">12 bytes of room, the plaintext, 16 bytes of room; becomes the payload.</param>
    /// <param name="chunkIndex">Position in the body; each index is encrypted at most once.</param>
    /// <param name="final">Whether this is the body's last chunk.</param>
    public void EncryptInPlace(Span<byte> payload, uint chunkIndex, bool final)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(payload.Length, Overhead, nameof(payload));
        var nonce = payload[..NonceSize];
        WriteNonce(nonce, chunkIndex);
        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, chunkIndex, final, payload.Length - Overhead);
        var text = Plaintext(payload);
        _cipher.Encrypt(nonce, text, text, payload[^TagSize..], aad);
    }

    /// <summary>Decrypts in place; the plaintext is then at <see cref="Plaintext"/>.</summary>
    /// <returns>False, with the plaintext wiped, when anything about the payload is not as it was encrypted.</returns>
    public bool TryDecryptInPlace(Span<byte> payload, uint chunkIndex, bool final) =>
        payload.Length >= Overhead && TryDecrypt(payload, chunkIndex, final, Plaintext(payload));

    /// <summary>
    /// Decrypts <paramref name="payload"/> to <paramref name="plaintext"/>, which is 28 bytes shorter.
    /// </summary>
    /// <returns>False, with the plaintext wiped, when anything about the payload is not as it was encrypted.</returns>
    public bool TryDecrypt(ReadOnlySpan<byte> payload, uint chunkIndex, bool final, Span<byte> plaintext)
    {
        if (payload.Length != plaintext.Length + Overhead)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(nonce, chunkIndex);
        if (!payload[..NonceSize].SequenceEqual(nonce))
        {
            plaintext.Clear();
            return false;
        }

        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, chunkIndex, final, plaintext.Length);
        return _cipher.TryDecrypt(nonce, payload[NonceSize..^TagSize], payload[^TagSize..], plaintext, aad);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _cipher.Dispose();

    /// <summary>Never the key.</summary>
    public override string ToString() => $"chunk cipher of {_attempt.ObjectId}";

    private void WriteNonce(Span<byte> nonce, uint chunkIndex)
    {
        BinaryPrimitives.WriteUInt32BigEndian(nonce, _attempt.NoncePrefix);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[BodyAttempt.NoncePrefixSize..], chunkIndex);
    }

    private void WriteAad(Span<byte> aad, uint chunkIndex, bool final, int plaintextLength)
    {
        "SNP1-CHUNK"u8.CopyTo(aad);
        _attempt.ObjectId.WriteTo(aad[10..]);
        BinaryPrimitives.WriteUInt32BigEndian(aad[26..], chunkIndex);
        aad[30] = final ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(aad[31..], (uint)plaintextLength);
    }
}
