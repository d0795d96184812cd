using System.Buffers;
using System.Buffers.Text;

namespace Vault.Protocol.Macaroons;

/// <summary>Text forms of macaroons.</summary>
internal static class MacaroonText
{
    private const int MaxTextLength = ((Macaroon.MaxBytes + 2) / 3 * 4) + 4;
    private const int MaxMacaroons = 16;

    public static bool TryParse(ReadOnlySpan<char> text, out Macaroon? macaroon)
    {
        macaroon = null;
        if (text.Length is 0 or > MaxTextLength || !TryDecode(text, out var bytes))
            return false;
        return bytes[0] == 2
            ? MacaroonCodec.TryDecode(bytes, out macaroon)
            : MacaroonPackets.TryDecode(bytes, out macaroon);
    }

    public static bool TryParseList(ReadOnlySpan<char> text, out IReadOnlyList<Macaroon> macaroons)
    {
        var list = new List<Macaroon>();
        macaroons = list;
        if (text.Count(',') >= MaxMacaroons)
            return false;
        foreach (var range in text.Split(','))
        {
            if (!TryParse(text[range].Trim(' '), out var macaroon))
                return false;
            list.Add(macaroon!);
        }

        return true;
    }

    /// <summary>Base64 of either alphabet, with or without padding; no white space, no spare bits.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var length = text.Length;
        if (length % 4 == 0)
        {
            if (text.EndsWith("=="))
                length -= 2;
            else if (text.EndsWith('='))
                length--;
        }

        if (length == 0)
            return false;
        var normal = new char[length];
        text[..length].CopyTo(normal);
        normal.AsSpan().Replace('+', '-');
        normal.AsSpan().Replace('/', '_');
        foreach (var c in normal)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                return false;
        }

        var result = new byte[Base64Url.GetMaxDecodedLength(length)];
        if (Base64Url.DecodeFromChars(normal, result, out _, out var written) != OperationStatus.Done
            || Base64Url.EncodeToString(result.AsSpan(0, written)) is var again
                && !again.AsSpan().SequenceEqual(normal))
            return false;
        bytes = result[..written];
        return written > 0;
    }
}
