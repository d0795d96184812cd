using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// SHA-256, HMAC and HKDF of short inputs. Every request makes about ten of them, and most of what the base library
/// takes for one is spent on looking up the algorithm and on objects for its state; so they go to the block functions
/// of the same OpenSSL with the state on the stack. Long inputs, and a system without that library, use the base one.
/// </summary>
internal static unsafe class Sha256
{
    internal const int HashSize = 32;

    private const int BlockSize = 64;

    /// <summary>Longer inputs take longer than a call that keeps the collector waiting should.</summary>
    private const int ShortInput = 2048;

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, int> Init;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, byte*, nuint, int> Update;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, State*, int> Final;

#pragma warning disable CA1810 // the three are found together or not at all
    static Sha256()
#pragma warning restore CA1810
    {
        if (NativeLibrary.TryLoad("libcrypto.so.3", out var library)
            && NativeLibrary.TryGetExport(library, "SHA256_Init", out var init)
            && NativeLibrary.TryGetExport(library, "SHA256_Update", out var update)
            && NativeLibrary.TryGetExport(library, "SHA256_Final", out var final))
        {
            Init = (delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, int>)init;
            Update = (delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, byte*, nuint, int>)update;
            Final = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, State*, int>)final;
        }
    }

    /// <summary>The hash of <paramref name="data"/>.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> data)
    {
        var hash = GC.AllocateUninitializedArray<byte>(HashSize);
        Hash(data, hash);
        return hash;
    }

    /// <summary>Hashes <paramref name="data"/> to 32 bytes.</summary>
    internal static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (data.Length > ShortInput || Final == null)
        {
            SHA256.HashData(data, hash);
            return;
        }

        State state;
        Init(&state);
        Finish(&state, data, hash);
    }

    /// <summary>
    /// HMAC-SHA256 of <paramref name="data"/>, 32 bytes; <paramref name="mac"/> may be the key's memory.
    /// </summary>
    internal static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        if (data.Length > ShortInput || key.Length > BlockSize || Final == null)
        {
            HMACSHA256.HashData(key, data, mac);
            return;
        }

        var pad = stackalloc byte[BlockSize];
        var padded = new Span<byte>(pad, BlockSize);
        var inner = stackalloc byte[HashSize];
        State state;
        Pad(key, padded, 0x36);
        Init(&state);
        Update(&state, pad, BlockSize);
        Finish(&state, data, new(inner, HashSize));
        Pad(key, padded, 0x5C);
        Init(&state);
        Update(&state, pad, BlockSize);
        Finish(&state, new(inner, HashSize), mac);
        CryptographicOperations.ZeroMemory(padded);
        CryptographicOperations.ZeroMemory(new(inner, HashSize));
        CryptographicOperations.ZeroMemory(new(&state, sizeof(State)));
    }

    /// <summary>HKDF-SHA256 (RFC 5869) for a key of 32 bytes.</summary>
    internal static void DeriveKey(
        ReadOnlySpan<byte> input, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, HashSize, nameof(key));
        if (info.Length >= BlockSize || Final == null)
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, salt, info);
            return;
        }

        Span<byte> extracted = stackalloc byte[HashSize];
        Hmac(salt, input, extracted);
        Span<byte> block = stackalloc byte[BlockSize];
        info.CopyTo(block);
        block[info.Length] = 1;
        Hmac(extracted, block[..(info.Length + 1)], key);
        CryptographicOperations.ZeroMemory(extracted);
    }

    private static void Pad(ReadOnlySpan<byte> key, Span<byte> padded, byte with)
    {
        padded.Fill(with);
        for (var i = 0; i < key.Length; i++)
        {
            padded[i] ^= key[i];
        }
    }

    private static void Finish(State* state, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, HashSize, nameof(hash));
        fixed (byte* bytes = data, result = hash)
        {
            Update(state, bytes, (nuint)data.Length);
            Final(result, state);
        }
    }

    /// <summary>Room for OpenSSL's SHA256_CTX, 112 bytes.</summary>
    [InlineArray(16)]
    private struct State
    {
        private ulong _word;
    }
}
