using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// AES-256-GCM under one key for concurrent callers. Short texts, the boxes and inline bodies, go to libsodium, whose
/// expanded key any number of callers share and which needs no object for a call; long ones go to the base library,
/// which is faster by the byte. Both make the same bytes. Where libsodium lacks the instructions the base library
/// does all.
/// </summary>
internal sealed unsafe class Aes256Gcm : IDisposable
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    /// <summary>Up to here a call's own cost outweighs its bytes.</summary>
    private const int ShortText = 4096;

    private const int Alignment = 16;
    private const int ScheduleRoom = Sodium.Aes256GcmStateSize + Alignment;

    private readonly SecretKey _key;
    private readonly AesGcm?[] _idle;
    private readonly bool _longLived;
    private byte[]? _expanded;
    private volatile bool _disposed;

    /// <param name="key">Owned from now on.</param>
    /// <param name="capacity">How many idle instances of the base library's cipher to keep.</param>
    /// <param name="longLived">Keep the expanded key; without it each short text expands the key on the stack.</param>
    internal Aes256Gcm(SecretKey key, int capacity, bool longLived = false)
    {
        _key = key;
        _longLived = longLived;
        _idle = new AesGcm?[capacity];
    }

    /// <summary>Encrypts; plaintext and ciphertext may be the same memory.</summary>
    internal void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        if (plaintext.Length <= ShortText && Sodium.HasAes256Gcm)
        {
            EncryptShort(nonce, plaintext, ciphertext, tag, associatedData);
            return;
        }

        var cipher = Rent();
        cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
        Return(cipher);
    }

    /// <summary>Decrypts; false, with the plaintext wiped, when the tag does not match.</summary>
    internal bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        if (ciphertext.Length <= ShortText && Sodium.HasAes256Gcm)
        {
            return TryDecryptShort(nonce, ciphertext, tag, plaintext, associatedData);
        }

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
        CryptographicOperations.ZeroMemory(_expanded);
    }

    private void EncryptShort(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        Check(nonce, plaintext, ciphertext, tag);
        Span<byte> room = stackalloc byte[ScheduleRoom];
        var schedule = Schedule(room);
        _ = Sodium.crypto_aead_aes256gcm_encrypt_detached_afternm(
            ciphertext, tag, 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length, 0,
            nonce, schedule);
        End(room);
    }

    private bool TryDecryptShort(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        Check(nonce, ciphertext, plaintext, tag);
        Span<byte> room = stackalloc byte[ScheduleRoom];
        var schedule = Schedule(room);
        var code = Sodium.crypto_aead_aes256gcm_decrypt_detached_afternm(
            plaintext, 0, ciphertext, (ulong)ciphertext.Length, tag, associatedData, (ulong)associatedData.Length,
            nonce, schedule);
        End(room);
        if (code == 0)
        {
            return true;
        }

        CryptographicOperations.ZeroMemory(plaintext);
        return false;
    }

    private static void Check(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize, nameof(nonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length, nameof(to));
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagSize, nameof(tag));
    }

    /// <summary>
    /// The expanded key: in <paramref name="room"/> on the stack, or the kept one, made at first use.
    /// </summary>
    private byte* Schedule(Span<byte> room)
    {
        if (!_longLived)
        {
            return Expand(room);
        }

        if (Volatile.Read(ref _expanded) is { } kept)
        {
            return Aligned(kept);
        }

        var expanded = GC.AllocateUninitializedArray<byte>(ScheduleRoom, pinned: true);
        Expand(expanded);
        return Aligned(Interlocked.CompareExchange(ref _expanded, expanded, null) ?? expanded);
    }

    private byte* Expand(Span<byte> unmoving)
    {
        var schedule = Aligned(unmoving);
        _ = Sodium.crypto_aead_aes256gcm_beforenm(schedule, _key.Bytes);
        return schedule;
    }

    private static byte* Aligned(Span<byte> unmoving)
    {
        var at = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(unmoving));
        return (byte*)((at + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    /// <summary>
    /// After a text: wipes the stack; what was made with a key that was wiped meanwhile must not be used.
    /// </summary>
    private void End(Span<byte> room)
    {
        if (!_longLived)
        {
            CryptographicOperations.ZeroMemory(room);
        }

        Interlocked.MemoryBarrier();
        ObjectDisposedException.ThrowIf(_disposed, this);
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
