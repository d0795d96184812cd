namespace Vault.Protocol.Macaroons;

/// <summary>libmacaroons' version 2 binary form, read strictly: one text for each macaroon.</summary>
internal static class MacaroonCodec
{
    private const byte Version = 2;
    private const int EndOfSection = 0;
    private const int LocationField = 1;
    private const int IdentifierField = 2;
    private const int VerificationField = 4;
    private const int SignatureField = 6;

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Macaroon? macaroon)
    {
        macaroon = null;
        if (bytes.Length > Macaroon.MaxBytes || bytes.IsEmpty || bytes[0] != Version)
            return false;
        var reader = new Reader(bytes[1..]);
        if (!reader.TryHead(out var location, out var identifier) || !reader.TryEnd())
            return false;
        var caveats = new List<MacaroonCaveat>();
        while (!reader.TryEnd())
        {
            if (caveats.Count == Macaroon.MaxCaveats || !reader.TryHead(out var at, out var id))
                return false;
            byte[]? verificationId = null;
            if (reader.Next == VerificationField
                && (!reader.TryField(VerificationField, out verificationId) || verificationId.Length == 0))
                return false;
            if (!reader.TryEnd())
                return false;
            caveats.Add(new MacaroonCaveat(at, id, verificationId));
        }

        if (!reader.TryField(SignatureField, out var signature) || !reader.IsAtEnd
            || signature.Length is not (0 or Macaroon.SignatureBytes))
            return false;
        macaroon = new Macaroon(location, identifier, [.. caveats], signature);
        return true;
    }

    public static int EncodedLength(Macaroon macaroon)
    {
        var length = 1 + HeadLength(macaroon.LocationBytes, macaroon.IdentifierBytes) + 1 + 1
            + FieldLength(Macaroon.SignatureBytes);
        foreach (var caveat in macaroon.CaveatSpan)
        {
            length += HeadLength(caveat.LocationBytes, caveat.IdBytes) + 1;
            if (caveat.VerificationIdBytes is { } verificationId)
                length += FieldLength(verificationId.Length);
        }

        return length;
    }

    public static byte[] Encode(Macaroon macaroon, ReadOnlySpan<byte> signature)
    {
        var bytes = new byte[EncodedLength(macaroon) - Macaroon.SignatureBytes + signature.Length];
        var writer = new Writer(bytes);
        writer.Byte(Version);
        writer.Head(macaroon.LocationBytes, macaroon.IdentifierBytes);
        writer.Byte(EndOfSection);
        foreach (var caveat in macaroon.CaveatSpan)
        {
            writer.Head(caveat.LocationBytes, caveat.IdBytes);
            if (caveat.VerificationIdBytes is { } verificationId)
                writer.Field(VerificationField, verificationId);
            writer.Byte(EndOfSection);
        }

        writer.Byte(EndOfSection);
        writer.Field(SignatureField, signature);
        return bytes;
    }

    private static int HeadLength(byte[]? location, byte[] identifier) =>
        (location is null ? 0 : FieldLength(location.Length)) + FieldLength(identifier.Length);

    private static int FieldLength(int data) => 1 + (data < 0x80 ? 1 : 2) + data;

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public readonly bool IsAtEnd => rest.IsEmpty;

        /// <summary>Type of the next field, or -1 at the end.</summary>
        public readonly int Next => rest.IsEmpty ? -1 : rest[0];

        public bool TryEnd()
        {
            if (Next != EndOfSection)
                return false;
            rest = rest[1..];
            return true;
        }

        /// <summary>An optional location and an identifier that is not empty.</summary>
        public bool TryHead(out byte[]? location, out byte[] identifier)
        {
            location = null;
            identifier = [];
            return (Next != LocationField || TryField(LocationField, out location))
                && TryField(IdentifierField, out identifier) && identifier.Length > 0;
        }

        public bool TryField(int type, out byte[] data)
        {
            data = [];
            if (Next != type)
                return false;
            var after = rest[1..];
            if (!TryLength(ref after, out var length) || length > after.Length)
                return false;
            data = after[..length].ToArray();
            rest = after[length..];
            return true;
        }

        /// <summary>A minimal LEB128 number; two bytes hold every length that the limit allows.</summary>
        private static bool TryLength(ref ReadOnlySpan<byte> from, out int length)
        {
            length = 0;
            if (from.IsEmpty)
                return false;
            length = from[0];
            if (length < 0x80)
            {
                from = from[1..];
                return true;
            }

            if (from.Length < 2 || from[1] is 0 or >= 0x80)
                return false;
            length = (length & 0x7f) | (from[1] << 7);
            from = from[2..];
            return true;
        }
    }

    private ref struct Writer(Span<byte> bytes)
    {
        private Span<byte> rest = bytes;

        public void Byte(int value)
        {
            rest[0] = (byte)value;
            rest = rest[1..];
        }

        public void Head(byte[]? location, byte[] identifier)
        {
            if (location is not null)
                Field(LocationField, location);
            Field(IdentifierField, identifier);
        }

        public void Field(int type, scoped ReadOnlySpan<byte> data)
        {
            Byte(type);
            if (data.Length < 0x80)
            {
                Byte(data.Length);
            }
            else
            {
                Byte((data.Length & 0x7f) | 0x80);
                Byte(data.Length >> 7);
            }

            data.CopyTo(rest);
            rest = rest[data.Length..];
        }
    }
}
