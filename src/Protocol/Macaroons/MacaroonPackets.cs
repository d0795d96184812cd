using System.Globalization;

namespace Vault.Protocol.Macaroons;

/// <summary>The older packet format, for import: <c>hhhhkey value\n</c> with a length of four hex digits.</summary>
internal static class MacaroonPackets
{
    private const int HeaderBytes = 4;

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Macaroon? macaroon)
    {
        macaroon = null;
        if (bytes.Length > Macaroon.MaxBytes
            || !TryTake(ref bytes, "location"u8, out var location)
            || !TryTake(ref bytes, "identifier"u8, out var identifier) || identifier.Length == 0)
            return false;
        var caveats = new List<MacaroonCaveat>();
        while (TryTake(ref bytes, "cid"u8, out var id))
        {
            if (id.Length == 0 || caveats.Count == Macaroon.MaxCaveats)
                return false;
            byte[]? at = null;
            if (TryTake(ref bytes, "vid"u8, out var verificationId))
            {
                if (verificationId.Length == 0 || !TryTake(ref bytes, "cl"u8, out at))
                    return false;
            }

            caveats.Add(new MacaroonCaveat(at, id, verificationId.Length == 0 ? null : verificationId));
        }

        if (!TryTake(ref bytes, "signature"u8, out var signature) || !bytes.IsEmpty
            || signature.Length != Macaroon.SignatureBytes)
            return false;
        var read = new Macaroon(location.Length == 0 ? null : location, identifier, [.. caveats], signature);
        if (MacaroonCodec.EncodedLength(read) > Macaroon.MaxBytes)
            return false;
        macaroon = read;
        return true;
    }

    /// <summary>Takes the next packet when it has this key.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out byte[] value)
    {
        value = [];
        if (bytes.Length < HeaderBytes
            || !int.TryParse(
                bytes[..HeaderBytes], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length)
            || length > bytes.Length || length < HeaderBytes + key.Length + 2)
            return false;
        var packet = bytes[HeaderBytes..length];
        if (!packet.StartsWith(key) || packet[key.Length] != (byte)' ' || packet[^1] != (byte)'\n')
            return false;
        value = packet[(key.Length + 1)..^1].ToArray();
        bytes = bytes[length..];
        return true;
    }
}
