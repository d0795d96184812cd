using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vault.Protocol.Macaroons;

/// <summary>One block of addresses of one family.</summary>
internal readonly record struct CidrBlock(byte[] Network, int PrefixBits)
{
    public static bool TryParse(ReadOnlySpan<char> text, out CidrBlock block)
    {
        block = default;
        var slash = text.IndexOf('/');
        if (slash <= 0 || !TryParseBits(text[(slash + 1)..], out var bits)
            || !TryParseAddress(text[..slash], out var address))
            return false;
        var network = address.GetAddressBytes();
        if (bits > network.Length * 8)
            return false;
        block = new CidrBlock(network, bits);
        return true;
    }

    public bool Contains(ReadOnlySpan<byte> address)
    {
        if (address.Length != Network.Length)
            return false;
        var whole = PrefixBits / 8;
        if (!address[..whole].SequenceEqual(Network.AsSpan(0, whole)))
            return false;
        var rest = PrefixBits % 8;
        return rest == 0 || ((address[whole] ^ Network[whole]) >> (8 - rest)) == 0;
    }

    private static bool TryParseBits(ReadOnlySpan<char> text, out int bits)
    {
        bits = 0;
        return text.Length is > 0 and <= 3
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits);
    }

    /// <summary>
    /// Dotted decimal of four parts, or IPv6 without scope or brackets; nothing else that a parser may know.
    /// </summary>
    private static bool TryParseAddress(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.None;
        var isV6 = text.Contains(':');
        if (isV6 ? text.ContainsAny("%[]") : !IsDottedDecimal(text))
            return false;
        if (!IPAddress.TryParse(text, out var parsed)
            || parsed.AddressFamily != (isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))
            return false;
        address = parsed;
        return true;
    }

    private static bool IsDottedDecimal(ReadOnlySpan<char> text)
    {
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9')
                || (part.Length > 1 && part[0] == '0'))
                return false;
        }

        return parts == 4;
    }
}
