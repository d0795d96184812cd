using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// AES-256-GCM under one key for concurrent callers. An <see cref="AesGcm"/> holds the expanded key but serves one
/// caller at a time, so idle ones wait here instead of being made anew for each box.
/// </summary>
internal sealed class AesGcmPool : IDisposable
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    private readonly SecretKey _key;
    private readonly AesGcm?[] _idle;
    private volatile bool _disposed;

    /// <param name="key">Owned from now on.</param>
    /// <param name="capacity">How many idle instances to keep.</param>
    internal AesGcmPool(SecretKey key, int capacity)
    {
        _key = key;
        _idle = new AesGcm?[capacity];
    }

    /// <summary>Encrypts; plaintext and ciphertext may be the same memory.</summary>
    internal void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        var cipher = Rent();
        cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
        Return(cipher);
    }

    /// <summary>Decrypts; false, with the plaintext wiped, when the tag does not match.</summary>
    internal bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        var cipher = Rent();
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            Return(cipher);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _key.Dispose();
        Drain();
    }

    private AesGcm Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (ref var slot in _idle.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } cipher)
            {
                return cipher;
            }
        }

        return new AesGcm(_key.Bytes, TagSize);
    }

    private void Return(AesGcm cipher)
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, cipher, null) is null)
            {
                if (_disposed)
                {
                    Drain();
                }

                return;
            }
        }

        cipher.Dispose();
    }

    private void Drain()
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            Interlocked.Exchange(ref slot, null)?.Dispose();
        }
    }
}
