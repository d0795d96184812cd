using System.Numerics;

namespace Vault.Protocol.Checksums;

/// <summary>The CRC of A ‖ B from those of A and of B, which the library that computes them lacks.</summary>
internal static class CrcCombination
{
    /// <summary>The finished CRC of A ‖ B from the finished ones of A and of B, whose length is given.</summary>
    internal static ulong Combine(ChecksumAlgorithm algorithm, ulong first, ulong second, long secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        var (polynomial, width) = algorithm switch
        {
            ChecksumAlgorithm.Crc32 => (0xEDB88320ul, 32),
            ChecksumAlgorithm.Crc32C => (0x82F63B78ul, 32),
            ChecksumAlgorithm.Crc64Nvme => (0x9A6C9329AC4BC9B5ul, 64),
            _ => throw new ArgumentException("Not a CRC.", nameof(algorithm)),
        };

        // Reflected: x^0 is the top bit. Multiplied by x^8 for each byte of B, by squaring.
        var shift = 1ul << (width - 1);
        var power = shift >> 8;
        for (var rest = (ulong)secondLength; rest != 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                shift = Multiply(shift, power, polynomial, width);
            }

            power = Multiply(power, power, polynomial, width);
        }

        return Multiply(first, shift, polynomial, width) ^ second;
    }

    /// <summary>The product modulo the polynomial, without its highest term; all bit-reflected.</summary>
    private static ulong Multiply(ulong a, ulong b, ulong polynomial, int width)
    {
        ulong product = 0;
        for (a = BitOperations.RotateLeft(a, 64 - width); a != 0; a <<= 1)
        {
            product ^= b & (0 - (a >> 63));
            b = (b >> 1) ^ (polynomial & (0 - (b & 1)));
        }

        return product;
    }
}
