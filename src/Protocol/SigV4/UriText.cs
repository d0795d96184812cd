using System.Buffers;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>Percent-encoding as signatures use it: unreserved characters stay, all else becomes <c>%XX</c>.</summary>
internal static class UriText
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private static readonly SearchValues<char> PlainPath = SearchValues.Create(Unreserved + "/");
    private static readonly SearchValues<char> PlainValue = SearchValues.Create(Unreserved);

    public static bool TryGetString(ReadOnlySpan<byte> bytes, out string? text)
    {
        text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
        return text is not null;
    }

    /// <summary>Undoes percent escapes; a malformed escape stays as it is.</summary>
    public static void AppendDecoded(ref ByteBuilder to, scoped ReadOnlySpan<char> text, bool plusIsSpace)
    {
        var room = to.Reserve(text.Length * 3);
        to.Advance(Decode(text, room, plusIsSpace));
    }

    /// <summary>
    /// Decodes what may be escaped and escapes everything that must be, so that escaping happens once.
    /// </summary>
    public static void AppendCanonical(ref ByteBuilder to, scoped ReadOnlySpan<char> text, bool isPath)
    {
        if (!text.ContainsAnyExcept(isPath ? PlainPath : PlainValue))
        {
            to.Append(text);
            return;
        }

        byte[]? rented = null;
        var size = text.Length * 3;
        var decoded = size <= 1024 ? stackalloc byte[1024] : (rented = ArrayPool<byte>.Shared.Rent(size));
        var count = Decode(text, decoded, plusIsSpace: !isPath);
        AppendEncoded(ref to, decoded[..count], isPath);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    public static void AppendEncoded(ref ByteBuilder to, scoped ReadOnlySpan<byte> bytes, bool isPath)
    {
        var room = to.Reserve(bytes.Length * 3);
        var at = 0;
        foreach (var b in bytes)
        {
            if (IsUnreserved(b) || (isPath && b == '/'))
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

    private static int Decode(scoped ReadOnlySpan<char> text, scoped Span<byte> to, bool plusIsSpace)
    {
        var at = 0;
        while (!text.IsEmpty)
        {
            var c = text[0];
            if (c == '%' && text.Length >= 3 && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]))
            {
                to[at++] = (byte)((Nibble(text[1]) << 4) | Nibble(text[2]));
                text = text[3..];
                continue;
            }

            if (c < 0x80)
            {
                to[at++] = c == '+' && plusIsSpace ? (byte)' ' : (byte)c;
                text = text[1..];
                continue;
            }

            Rune.DecodeFromUtf16(text, out var rune, out var consumed);
            at += rune.EncodeToUtf8(to[at..]);
            text = text[consumed..];
        }

        return at;
    }

    private static bool IsUnreserved(byte b) =>
        char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    private static int Nibble(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
