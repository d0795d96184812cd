using System.Buffers;
using System.Buffers.Binary;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>Frames on a connection: a length of four bytes, little-endian, then as many bytes.</summary>
internal static class FrameReader
{
    public const int PrefixBytes = 4;

    /// <summary>Takes the next whole frame off the front; false when it is not all there.</summary>
    /// <exception cref="InvalidDataException">It is longer than allowed.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, int maxBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (input.Length < PrefixBytes)
        {
            return false;
        }

        var length = ReadLength(input);
        if (length > (uint)maxBytes)
        {
            throw new InvalidDataException($"A frame of {length} bytes has come; {maxBytes} are allowed.");
        }

        if (input.Length - PrefixBytes < length)
        {
            return false;
        }

        frame = input.Slice(PrefixBytes, length);
        input = input.Slice(frame.End);
        return true;
    }

    private static uint ReadLength(in ReadOnlySequence<byte> input)
    {
        if (input.FirstSpan.Length >= PrefixBytes)
        {
            return BinaryPrimitives.ReadUInt32LittleEndian(input.FirstSpan);
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        input.Slice(0, PrefixBytes).CopyTo(prefix);
        return BinaryPrimitives.ReadUInt32LittleEndian(prefix);
    }
}
