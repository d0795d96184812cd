using System.Buffers.Binary;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Bodies that tell which write made them: the write's id and the length, then bytes that follow from both.
/// </summary>
internal static class WriteValue
{
    /// <summary>Bytes that every body has at least.</summary>
    public const int MinBytes = 16;

    /// <summary>The body of one write.</summary>
    public static byte[] Bytes(long id, int size)
    {
        var bytes = new byte[Math.Max(size, MinBytes)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, id);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), bytes.Length);
        Fill(bytes.AsSpan(MinBytes), id);
        return bytes;
    }

    /// <summary>The id of the write that made these bytes; null when no write made them.</summary>
    public static long? IdOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MinBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) != bytes.Length)
            return null;
        var id = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var expected = new byte[bytes.Length - MinBytes];
        Fill(expected, id);
        return bytes[MinBytes..].SequenceEqual(expected) ? id : null;
    }

    private static void Fill(Span<byte> bytes, long id)
    {
        var state = (ulong)id * 0x9E3779B97F4A7C15 + 1;
        Span<byte> word = stackalloc byte[8];
        for (var at = 0; at < bytes.Length; at += 8)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            BinaryPrimitives.WriteUInt64LittleEndian(word, state);
            word[..Math.Min(8, bytes.Length - at)].CopyTo(bytes[at..]);
        }
    }
}
