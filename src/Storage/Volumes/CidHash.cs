using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// Spreads CIDs over buckets. A CID is a hash already, but its maker may choose among many bodies, so the log's random
/// salt goes in: nobody outside can fill one bucket. The byte form is that of docs/spec/volume.md, section 5.
/// </summary>
internal static class CidHash
{
    internal static ulong Salt(ReadOnlySpan<byte> salt) => BinaryPrimitives.ReadUInt64LittleEndian(salt) | 1;

    internal static ulong Of(in Cid cid, ulong salt)
    {
        Span<byte> bytes = stackalloc byte[Cid.Size];
        cid.WriteTo(bytes);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var mixed = Fold(words[0] ^ salt, words[1] ^ 0x9E3779B97F4A7C15);
        return Fold(mixed ^ words[2], words[3] ^ salt);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low ^ a;
    }
}
