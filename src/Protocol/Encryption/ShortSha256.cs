using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// SHA-256, HMAC and HKDF of short inputs. A LIST hashes each of its 1,000 keys, a GET or PUT proves a signature and
/// derives keys, and most of what the base library takes for one is spent on looking up the algorithm and on objects
/// for its state (what that costs an S3 operation is in bench/RESULTS.md). So they go to the block functions of the
/// same OpenSSL with the state on the stack. Long inputs, and a system without that library, use the base one.
/// </summary>
internal static unsafe class ShortSha256
{
    private const int BlockSize = 64;

    /// <summary>Longer inputs take longer than a call that keeps the collector waiting should.</summary>
    private const int ShortInput = 1024;

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, int> Init;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<State*, byte*, nuint, int> Update;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, State*, int> Final;

#pragma warning disable CA1810 // the three are found together or not at all
    static ShortSha256()
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

    /// <summary>Hashes <paramref name="data"/> to 32 bytes.</summary>
    internal static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, SHA256.HashSizeInBytes, nameof(hash));
        if (data.Length > ShortInput || Final == null)
        {
            SHA256.HashData(data, hash);
            return;
        }

        State state;
        Init(&state);
        Finish(&state, data, hash);
    }

    /// <summary>HMAC-SHA256, 32 bytes; <paramref name="mac"/> may be the memory of the key or of the data.</summary>
    internal static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        if (data.Length > ShortInput || key.Length > BlockSize || Final == null)
        {
            HMACSHA256.HashData(key, data, mac);
            return;
        }

        Span<byte> pad = stackalloc byte[BlockSize];
        Span<byte> inner = stackalloc byte[SHA256.HashSizeInBytes];
        State state;
        Begin(&state, key, pad, 0x36);
        Finish(&state, data, inner);
        Begin(&state, key, pad, 0x5C);
        Finish(&state, inner, mac);
        CryptographicOperations.ZeroMemory(pad);
        CryptographicOperations.ZeroMemory(inner);
        CryptographicOperations.ZeroMemory(new(&state, sizeof(State)));
    }

    /// <summary>HKDF-SHA256 (RFC 5869) for a key of 32 bytes.</summary>
    internal static void DeriveKey(
        ReadOnlySpan<byte> input, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, SHA256.HashSizeInBytes, nameof(key));
        if (info.Length >= BlockSize || Final == null)
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, salt, info);
            return;
        }

        Span<byte> extracted = stackalloc byte[SHA256.HashSizeInBytes];
        Hmac(salt, input, extracted);
        Span<byte> first = stackalloc byte[BlockSize];
        info.CopyTo(first);
        first[info.Length] = 1;
        Hmac(extracted, first[..(info.Length + 1)], key);
        CryptographicOperations.ZeroMemory(extracted);
    }

    /// <summary>Takes in the key's block.</summary>
    private static void Begin(State* state, ReadOnlySpan<byte> key, Span<byte> pad, byte with)
    {
        pad.Fill(with);
        for (var i = 0; i < key.Length; i++)
        {
            pad[i] ^= key[i];
        }

        Init(state);
        fixed (byte* block = pad)
        {
            Update(state, block, BlockSize);
        }
    }

    private static void Finish(State* state, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, SHA256.HashSizeInBytes, nameof(hash));
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
