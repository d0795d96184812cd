using System.Buffers.Binary;
using System.Numerics;

namespace Vault.Storage.Volumes;

/// <summary>CRC-32C with the processor's instruction where there is one.</summary>
internal static class Crc
{
    internal static uint Compute(ReadOnlySpan<byte> data) => ~Continue(uint.MaxValue, data);

    /// <summary>CRC over two spans, one after the other.</summary>
    internal static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        ~Continue(Continue(uint.MaxValue, first), second);

    private static uint Continue(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var b in data)
            state = BitOperations.Crc32C(state, b);
        return state;
    }
}
