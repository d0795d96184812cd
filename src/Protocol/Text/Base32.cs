namespace Vault.Protocol.Text;

/// <summary>RFC 4648 base32, lower case, no padding; decoding accepts one text for each value.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    internal static int EncodedLength(int bytes) => (bytes * 8 + 4) / 5;

    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[EncodedLength(bytes.Length)];
        uint bits = 0;
        var (count, at) = (0, 0);
        foreach (var value in bytes)
        {
            bits = (bits << 8) | value;
            for (count += 8; count >= 5; count -= 5)
            {
                text[at++] = Alphabet[(int)(bits >> (count - 5)) & 31];
            }
        }

        if (count > 0)
        {
            text[at] = Alphabet[(int)(bits << (5 - count)) & 31];
        }

        var result = new string(text);
        text.Clear();
        return result;
    }

    /// <summary>
    /// Fills <paramref name="bytes"/> exactly; false when length, a character or a spare bit is wrong.
    /// </summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != EncodedLength(bytes.Length))
        {
            return false;
        }

        uint bits = 0;
        var (count, at) = (0, 0);
        foreach (var character in text)
        {
            var digit = character switch
            {
                >= 'a' and <= 'z' => character - 'a',
                >= '2' and <= '7' => character - '2' + 26,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (uint)digit;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                bytes[at++] = (byte)(bits >> count);
            }
        }

        return (bits & ((1u << count) - 1)) == 0;
    }
}
