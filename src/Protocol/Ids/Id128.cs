using System.Buffers.Binary;
using System.Globalization;
using Vault.Protocol.Encryption;
using Vault.Protocol.Text;

namespace Vault.Protocol.Ids;

/// <summary>What the 16-byte ids share: bytes are big-endian, text is 32 lower-case hex digits.</summary>
internal static class Id128
{
    internal const int Size = 16;

    /// <summary>48 bits of Unix milliseconds, then 80 random bits: ids made together sort together.</summary>
    internal static UInt128 TimeOrdered(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Size];
        PublicRandom.Fill(bytes[6..]);
        var milliseconds = (ulong)now.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    internal static UInt128 FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
        : throw new ArgumentException("An id is exactly 16 bytes.", nameof(bytes));

    internal static byte[] ToArray(UInt128 value)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    internal static bool TryParse(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (!Hex.TryDecode(text, bytes))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return true;
    }

    internal static string ToHex(UInt128 value) => value.ToString("x32", CultureInfo.InvariantCulture);
}
