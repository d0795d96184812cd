using System.Buffers.Binary;
using System.Numerics;

namespace Vault.Protocol.Checksums;

/// <summary>
/// A CRC of 32 or 64 bits whose bits are reflected, with all-ones start and final inversion. Long inputs are folded
/// by carry-less multiplication where the processor has it, the rest goes eight bytes at a time through tables.
/// </summary>
internal sealed class ReflectedCrc
{
    private const int Slices = 8;

    private readonly ulong _polynomial;
    private readonly int _width;
    private readonly ulong[] _tables = new ulong[Slices * 256];
    private readonly CrcFolding _folding;

    /// <param name="polynomial">Without its highest term, bit-reflected.</param>
    /// <param name="width">32 or 64.</param>
    internal ReflectedCrc(ulong polynomial, int width)
    {
        _polynomial = polynomial;
        _width = width;
        for (var value = 0; value < 256; value++)
        {
            var entry = (ulong)value;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = TimesX(entry);
            }

            _tables[value] = entry;
        }

        for (var at = 256; at < _tables.Length; at++)
        {
            var previous = _tables[at - 256];
            _tables[at] = _tables[(byte)previous] ^ (previous >> 8);
        }

        _folding = new CrcFolding(bits => PowerOfX(bits) << (64 - width));
    }

    private ulong Mask => ulong.MaxValue >> (64 - _width);

    /// <summary>
    /// Continues the finished value <paramref name="crc"/> (0 for none) over <paramref name="data"/>.
    /// </summary>
    internal ulong Append(ulong crc, ReadOnlySpan<byte> data) => Append(crc, data, CrcFolding.BestWidth);

    /// <summary>The same with folding of at most <paramref name="vectorBytes"/> (0: tables only).</summary>
    internal ulong Append(ulong crc, ReadOnlySpan<byte> data, int vectorBytes)
    {
        var state = ~crc & Mask;
        if (vectorBytes > 0 && data.Length >= CrcFolding.MinLength)
        {
            Span<byte> folded = stackalloc byte[CrcFolding.BlockSize];
            var consumed = _folding.Fold(state, data, folded, vectorBytes);
            state = Update(0, folded);
            data = data[consumed..];
        }

        return ~Update(state, data) & Mask;
    }

    /// <summary>The value of A ‖ B from the finished values of A and of B, whose length is given.</summary>
    internal ulong Combine(ulong first, ulong second, long secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        var shift = PowerOfX(0);
        var power = PowerOfX(8);
        for (var rest = (ulong)secondLength; rest != 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                shift = Multiply(shift, power);
            }

            power = Multiply(power, power);
        }

        return Multiply(first, shift) ^ second;
    }

    private ulong Update(ulong state, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> tables = _tables;
        for (; data.Length >= Slices; data = data[Slices..])
        {
            var x = state ^ BinaryPrimitives.ReadUInt64LittleEndian(data);
            state = tables[1792 + (byte)x]
                ^ tables[1536 + (byte)(x >> 8)]
                ^ tables[1280 + (byte)(x >> 16)]
                ^ tables[1024 + (byte)(x >> 24)]
                ^ tables[768 + (byte)(x >> 32)]
                ^ tables[512 + (byte)(x >> 40)]
                ^ tables[256 + (byte)(x >> 48)]
                ^ tables[(byte)(x >> 56)];
        }

        foreach (var value in data)
        {
            state = tables[(byte)(state ^ value)] ^ (state >> 8);
        }

        return state;
    }

    private ulong TimesX(ulong value) => (value >> 1) ^ (_polynomial & (0 - (value & 1)));

    /// <summary>
    /// x to the power <paramref name="exponent"/> modulo the polynomial; reflected, x^0 is the top bit.
    /// </summary>
    private ulong PowerOfX(int exponent)
    {
        var value = 1UL << (_width - 1);
        for (var i = 0; i < exponent; i++)
        {
            value = TimesX(value);
        }

        return value;
    }

    private ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (a = BitOperations.RotateLeft(a, 64 - _width); a != 0; a <<= 1)
        {
            product ^= b & (0 - (a >> 63));
            b = TimesX(b);
        }

        return product;
    }
}
