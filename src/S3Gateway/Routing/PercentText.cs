using System.Buffers;

namespace Vault.S3Gateway.Routing;

/// <summary>Percent-encoding of paths and of listings with <c>encoding-type=url</c>.</summary>
internal static class PercentText
{
    private static readonly SearchValues<byte> Unescaped = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/*"u8);

    /// <summary>Decodes a path to bytes; <c>+</c> stays. -1 for a malformed escape or a lone surrogate.</summary>
    /// <param name="encoded">Text with escapes.</param>
    /// <param name="utf8">At least three bytes for each character.</param>
    public static int Decode(ReadOnlySpan<char> encoded, Span<byte> utf8)
    {
        var at = 0;
        while (!encoded.IsEmpty)
        {
            var plain = encoded.IndexOf('%');
            var run = plain < 0 ? encoded : encoded[..plain];
            if (Encode(run, utf8[at..], out var written) != OperationStatus.Done)
                return -1;
            at += written;
            if (plain < 0)
                return at;
            encoded = encoded[plain..];
            if (encoded.Length < 3 || !char.IsAsciiHexDigit(encoded[1]) || !char.IsAsciiHexDigit(encoded[2]))
                return -1;
            utf8[at++] = (byte)((Nibble(encoded[1]) << 4) | Nibble(encoded[2]));
            encoded = encoded[3..];
        }

        return at;
    }

    /// <summary>Writes bytes so that both plain and form decoding give them back.</summary>
    public static void Append(IBufferWriter<byte> to, ReadOnlySpan<byte> utf8)
    {
        if (!utf8.ContainsAnyExcept(Unescaped))
        {
            to.Write(utf8);
            return;
        }

        var room = to.GetSpan(utf8.Length * 3);
        var at = 0;
        foreach (var b in utf8)
        {
            if (Unescaped.Contains(b))
            {
                room[at++] = b;
                continue;
            }

            room[at++] = (byte)'%';
            room[at++] = "0123456789ABCDEF"u8[b >> 4];
            room[at++] = "0123456789ABCDEF"u8[b & 15];
        }

        to.Advance(at);
    }

    private static OperationStatus Encode(ReadOnlySpan<char> text, Span<byte> utf8, out int written) =>
        System.Text.Unicode.Utf8.FromUtf16(text, utf8, out _, out written, replaceInvalidSequences: false);

    private static int Nibble(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
