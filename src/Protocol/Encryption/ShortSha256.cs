using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// SHA-256 of object keys. A LIST hashes each of its 1,000, and of a short input most of what the base library takes is
/// spent on looking up the algorithm: with it, or with libsodium's, the LIST costs a fifth to a third more
/// (bench/RESULTS.md). So they go to the block functions of the same OpenSSL with the state on the stack. Long inputs,
/// and a system without that library, use the base one.
/// </summary>
internal static unsafe class ShortSha256
{
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
        fixed (byte* bytes = data, result = hash)
        {
            Update(&state, bytes, (nuint)data.Length);
            Final(result, &state);
        }
    }

    /// <summary>Room for OpenSSL's SHA256_CTX, 112 bytes.</summary>
    [InlineArray(16)]
    private struct State
    {
        private ulong _word;
    }
}
