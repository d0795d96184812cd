using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vault.Protocol.Checksums;

/// <summary>
/// Shrinks a long message to 16 bytes with the same remainder (Gopal et al., "Fast CRC computation for generic
/// polynomials using PCLMULQDQ", 2009). A 128-bit block moved forward by D bits is its low half times x^(D+64) plus
/// its high half times x^D; products of reflected numbers come out one bit low, so the constants are one power less.
/// </summary>
internal sealed class CrcFolding
{
    internal const int BlockSize = 16;

    /// <summary>Shorter inputs are left to the tables.</summary>
    internal const int MinLength = 64;

    private const int Lanes = 4;

    private readonly Vector128<ulong> _by128;
    private readonly Vector128<ulong> _by512;
    private readonly Vector256<ulong> _by1024;
    private readonly Vector512<ulong> _by2048;

    /// <param name="powerOfX">x to some power modulo the polynomial, aligned to the top of 64 reflected bits.</param>
    internal CrcFolding(Func<int, ulong> powerOfX)
    {
        Vector128<ulong> By(int bits) => Vector128.Create(powerOfX(bits + 63), powerOfX(bits - 1));
        _by128 = By(128);
        _by512 = By(512);
        _by1024 = Vector256.Create(By(1024));
        _by2048 = Vector512.Create(By(2048));
    }

    /// <summary>Bytes of the widest vectors that can be folded here; 0 when none.</summary>
    internal static int BestWidth =>
        Pclmulqdq.V512.IsSupported ? 64 : Pclmulqdq.V256.IsSupported ? 32 : Pclmulqdq.IsSupported ? 16 : 0;

    /// <summary>Folds <paramref name="data"/> except fewer than 16 bytes at its end.</summary>
    /// <param name="state">Register before the message, not inverted.</param>
    /// <param name="data">At least <see cref="MinLength"/> bytes.</param>
    /// <param name="folded">16 bytes that stand for the message so far, to be continued from a zero register.</param>
    /// <param name="vectorBytes">16, 32 or 64.</param>
    /// <returns>How much of <paramref name="data"/> was folded.</returns>
    [SkipLocalsInit]
    internal int Fold(ulong state, ReadOnlySpan<byte> data, Span<byte> folded, int vectorBytes)
    {
        ref var start = ref MemoryMarshal.GetReference(data);
        Span<byte> lanes = stackalloc byte[Lanes * 64];
        ref var lanesAt = ref MemoryMarshal.GetReference(lanes);
        var (consumed, laneBytes) = vectorBytes switch
        {
            >= 64 when data.Length >= Lanes * 64 => (Fold512(state, ref start, data.Length, ref lanesAt), Lanes * 64),
            >= 32 when data.Length >= Lanes * 32 => (Fold256(state, ref start, data.Length, ref lanesAt), Lanes * 32),
            _ => (Fold128(state, ref start, data.Length, ref lanesAt), Lanes * 16),
        };

        var block = Load(ref lanesAt);
        for (var at = BlockSize; at < laneBytes; at += BlockSize)
        {
            block = Step(block, _by128) ^ Load(ref Unsafe.Add(ref lanesAt, at));
        }

        for (; data.Length - consumed >= BlockSize; consumed += BlockSize)
        {
            block = Step(block, _by128) ^ Load(ref Unsafe.Add(ref start, consumed));
        }

        block.AsByte().CopyTo(folded);
        return consumed;
    }

    private int Fold512(ulong state, ref byte start, int length, ref byte lanes)
    {
        var a = Vector512.LoadUnsafe(ref start).AsUInt64() ^ Vector512.CreateScalar(state);
        var b = Vector512.LoadUnsafe(ref start, 64).AsUInt64();
        var c = Vector512.LoadUnsafe(ref start, 128).AsUInt64();
        var d = Vector512.LoadUnsafe(ref start, 192).AsUInt64();
        var by = _by2048;
        var at = 256;
        for (; length - at >= 256; at += 256)
        {
            ref var next = ref Unsafe.Add(ref start, at);
            a = Step(a, by) ^ Vector512.LoadUnsafe(ref next).AsUInt64();
            b = Step(b, by) ^ Vector512.LoadUnsafe(ref next, 64).AsUInt64();
            c = Step(c, by) ^ Vector512.LoadUnsafe(ref next, 128).AsUInt64();
            d = Step(d, by) ^ Vector512.LoadUnsafe(ref next, 192).AsUInt64();
        }

        a.AsByte().StoreUnsafe(ref lanes);
        b.AsByte().StoreUnsafe(ref lanes, 64);
        c.AsByte().StoreUnsafe(ref lanes, 128);
        d.AsByte().StoreUnsafe(ref lanes, 192);
        return at;
    }

    private int Fold256(ulong state, ref byte start, int length, ref byte lanes)
    {
        var a = Vector256.LoadUnsafe(ref start).AsUInt64() ^ Vector256.CreateScalar(state);
        var b = Vector256.LoadUnsafe(ref start, 32).AsUInt64();
        var c = Vector256.LoadUnsafe(ref start, 64).AsUInt64();
        var d = Vector256.LoadUnsafe(ref start, 96).AsUInt64();
        var by = _by1024;
        var at = 128;
        for (; length - at >= 128; at += 128)
        {
            ref var next = ref Unsafe.Add(ref start, at);
            a = Step(a, by) ^ Vector256.LoadUnsafe(ref next).AsUInt64();
            b = Step(b, by) ^ Vector256.LoadUnsafe(ref next, 32).AsUInt64();
            c = Step(c, by) ^ Vector256.LoadUnsafe(ref next, 64).AsUInt64();
            d = Step(d, by) ^ Vector256.LoadUnsafe(ref next, 96).AsUInt64();
        }

        a.AsByte().StoreUnsafe(ref lanes);
        b.AsByte().StoreUnsafe(ref lanes, 32);
        c.AsByte().StoreUnsafe(ref lanes, 64);
        d.AsByte().StoreUnsafe(ref lanes, 96);
        return at;
    }

    private int Fold128(ulong state, ref byte start, int length, ref byte lanes)
    {
        var a = Load(ref start) ^ Vector128.CreateScalar(state);
        var b = Load(ref Unsafe.Add(ref start, 16));
        var c = Load(ref Unsafe.Add(ref start, 32));
        var d = Load(ref Unsafe.Add(ref start, 48));
        var by = _by512;
        var at = 64;
        for (; length - at >= 64; at += 64)
        {
            ref var next = ref Unsafe.Add(ref start, at);
            a = Step(a, by) ^ Load(ref next);
            b = Step(b, by) ^ Load(ref Unsafe.Add(ref next, 16));
            c = Step(c, by) ^ Load(ref Unsafe.Add(ref next, 32));
            d = Step(d, by) ^ Load(ref Unsafe.Add(ref next, 48));
        }

        a.AsByte().StoreUnsafe(ref lanes);
        b.AsByte().StoreUnsafe(ref lanes, 16);
        c.AsByte().StoreUnsafe(ref lanes, 32);
        d.AsByte().StoreUnsafe(ref lanes, 48);
        return at;
    }

    private static Vector128<ulong> Load(ref byte at) => Vector128.LoadUnsafe(ref at).AsUInt64();

    private static Vector128<ulong> Step(Vector128<ulong> block, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(block, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, by, 0x11);

    private static Vector256<ulong> Step(Vector256<ulong> block, Vector256<ulong> by) =>
        Pclmulqdq.V256.CarrylessMultiply(block, by, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(block, by, 0x11);

    private static Vector512<ulong> Step(Vector512<ulong> block, Vector512<ulong> by) =>
        Pclmulqdq.V512.CarrylessMultiply(block, by, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(block, by, 0x11);
}
