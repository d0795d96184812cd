using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vault.Protocol.Erasure;

/// <summary>Which instructions compute the sums of products.</summary>
internal enum GaloisPath
{
    Portable,
    Avx2,
    Gfni,
}

/// <summary>
/// target[row] = Σ coefficient[row, column] · source[column] over byte ranges of one buffer, two targets at a time so
/// that each source is loaded once for both. The last vector overlaps the one before it instead of a scalar tail.
/// </summary>
internal static class GaloisKernel
{
    /// <summary>Pairs of targets go over the sources in pieces that stay in the first-level cache.</summary>
    private const int StripBytes = 4096;

    internal static GaloisPath Best =>
        Gfni.V512.IsSupported ? GaloisPath.Gfni : Avx2.IsSupported ? GaloisPath.Avx2 : GaloisPath.Portable;

    /// <param name="path">At most <see cref="Best"/>.</param>
    /// <param name="by">One row for each target, one column for each source.</param>
    /// <param name="buffer">Holds sources and targets.</param>
    /// <param name="sources">Where each source begins.</param>
    /// <param name="targets">Where each target begins; no target overlaps a source.</param>
    /// <param name="length">Bytes of each.</param>
    internal static void Sum(
        GaloisPath path,
        GaloisCoefficients by,
        Span<byte> buffer,
        ReadOnlySpan<int> sources,
        ReadOnlySpan<int> targets,
        int length)
    {
        for (var start = 0; start < length; start += StripBytes)
        {
            var strip = Math.Min(StripBytes, length - start);
            for (var row = 0; row < targets.Length; row += 2)
            {
                var first = (row, targets[row]);
                var second = row + 1 < targets.Length ? (row + 1, targets[row + 1]) : first;
                SumPair(path, by, buffer[start..], sources, first, second, strip);
            }
        }
    }

    private static void SumPair(
        GaloisPath path,
        GaloisCoefficients by,
        Span<byte> buffer,
        ReadOnlySpan<int> sources,
        (int Row, int Target) first,
        (int Row, int Target) second,
        int length)
    {
        if (path == GaloisPath.Gfni && length >= Vector512<byte>.Count)
        {
            SumGfni(by, ref MemoryMarshal.GetReference(buffer), sources, first, second, length);
        }
        else if (path >= GaloisPath.Avx2 && length >= Vector256<byte>.Count)
        {
            SumAvx2(by, ref MemoryMarshal.GetReference(buffer), sources, first, second, length);
        }
        else
        {
            SumPortable(by, buffer, sources, first.Row, first.Target, length);
            SumPortable(by, buffer, sources, second.Row, second.Target, length);
        }
    }

    private static void SumGfni(
        GaloisCoefficients by,
        ref byte buffer,
        ReadOnlySpan<int> sources,
        (int Row, int Target) first,
        (int Row, int Target) second,
        int length)
    {
        ref var firstBy = ref by.BitMatrices[first.Row * by.Columns];
        ref var secondBy = ref by.BitMatrices[second.Row * by.Columns];
        for (var at = 0; ; at += Vector512<byte>.Count)
        {
            at = Math.Min(at, length - Vector512<byte>.Count);
            var (a, b) = (Vector512<byte>.Zero, Vector512<byte>.Zero);
            for (var column = 0; column < sources.Length; column++)
            {
                var source = Vector512.LoadUnsafe(ref buffer, (nuint)(sources[column] + at));
                var byA = Vector512.Create(Unsafe.Add(ref firstBy, column)).AsByte();
                var byB = Vector512.Create(Unsafe.Add(ref secondBy, column)).AsByte();
                a ^= Gfni.V512.GaloisFieldAffineTransform(source, byA, 0);
                b ^= Gfni.V512.GaloisFieldAffineTransform(source, byB, 0);
            }

            a.StoreUnsafe(ref buffer, (nuint)(first.Target + at));
            b.StoreUnsafe(ref buffer, (nuint)(second.Target + at));
            if (at == length - Vector512<byte>.Count)
            {
                return;
            }
        }
    }

    private static void SumAvx2(
        GaloisCoefficients by,
        ref byte buffer,
        ReadOnlySpan<int> sources,
        (int Row, int Target) first,
        (int Row, int Target) second,
        int length)
    {
        ref var firstBy = ref by.NibbleTables[first.Row * by.Columns * GaloisCoefficients.NibbleTableSize];
        ref var secondBy = ref by.NibbleTables[second.Row * by.Columns * GaloisCoefficients.NibbleTableSize];
        var nibble = Vector256.Create((byte)0x0f);
        for (var at = 0; ; at += Vector256<byte>.Count)
        {
            at = Math.Min(at, length - Vector256<byte>.Count);
            var (a, b) = (Vector256<byte>.Zero, Vector256<byte>.Zero);
            for (var column = 0; column < sources.Length; column++)
            {
                var source = Vector256.LoadUnsafe(ref buffer, (nuint)(sources[column] + at));
                var low = source & nibble;
                var high = (source.AsUInt16() >> 4).AsByte() & nibble;
                var table = column * GaloisCoefficients.NibbleTableSize;
                a ^= Avx2.Shuffle(Table(ref firstBy, table), low) ^ Avx2.Shuffle(Table(ref firstBy, table + 16), high);
                b ^= Avx2.Shuffle(Table(ref secondBy, table), low)
                    ^ Avx2.Shuffle(Table(ref secondBy, table + 16), high);
            }

            a.StoreUnsafe(ref buffer, (nuint)(first.Target + at));
            b.StoreUnsafe(ref buffer, (nuint)(second.Target + at));
            if (at == length - Vector256<byte>.Count)
            {
                return;
            }
        }
    }

    private static void SumPortable(
        GaloisCoefficients by, Span<byte> buffer, ReadOnlySpan<int> sources, int row, int target, int length)
    {
        var sum = buffer.Slice(target, length);
        sum.Clear();
        for (var column = 0; column < sources.Length; column++)
        {
            var at = (row * by.Columns + column) * GaloisCoefficients.NibbleTableSize;
            ReadOnlySpan<byte> low = by.NibbleTables.AsSpan(at, 16);
            ReadOnlySpan<byte> high = by.NibbleTables.AsSpan(at + 16, 16);
            ReadOnlySpan<byte> source = buffer.Slice(sources[column], length);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] ^= (byte)(low[source[i] & 15] ^ high[source[i] >> 4]);
            }
        }
    }

    private static Vector256<byte> Table(ref byte tables, int at) =>
        Vector256.Create(Vector128.LoadUnsafe(ref tables, (nuint)at));
}
