using System.Text;
using Vault.Protocol.Macaroons;

namespace Vault.Protocol.Tests.Macaroons;

public sealed class MacaroonCodecTests
{
    private static readonly byte[] Signature = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static byte[] Minimal => [2, 2, 1, (byte)'i', 0, 0, 6, 32, .. Signature];

    [Fact]
    public void The_smallest_macaroon_is_read()
    {
        Assert.True(Macaroon.TryDecode(Minimal, out var macaroon));
        Assert.Null(macaroon!.Location);
        Assert.Equal("i"u8.ToArray(), macaroon.Identifier);
        Assert.Equal(Minimal, macaroon.ToBytes());
    }

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "empty", [] },
        { "version 1 byte", [1, .. Minimal[1..]] },
        { "trailing byte", [.. Minimal, 0] },
        { "cut short", Minimal[..^1] },
        { "empty identifier", [2, 2, 0, 0, 0, 6, 32, .. Signature] },
        { "no identifier", [2, 1, 1, (byte)'l', 0, 0, 6, 32, .. Signature] },
        { "identifier before location", [2, 2, 1, (byte)'i', 1, 1, (byte)'l', 0, 0, 6, 32, .. Signature] },
        { "unknown field", [2, 2, 1, (byte)'i', 3, 1, 1, 0, 0, 6, 32, .. Signature] },
        { "length not minimal", [2, 2, 0x81, 0, (byte)'i', 0, 0, 6, 32, .. Signature] },
        { "length of three bytes", [2, 2, 0x81, 0x80, 0, (byte)'i', 0, 0, 6, 32, .. Signature] },
        { "length past the end", [2, 2, 0xff, 0x3f, (byte)'i', 0, 0, 6, 32, .. Signature] },
        { "caveat without identifier", [2, 2, 1, (byte)'i', 0, 1, 1, (byte)'l', 0, 0, 6, 32, .. Signature] },
        { "empty caveat", [2, 2, 1, (byte)'i', 0, 2, 0, 0, 0, 6, 32, .. Signature] },
        { "empty verification id", [2, 2, 1, (byte)'i', 0, 2, 1, (byte)'c', 4, 0, 0, 0, 6, 32, .. Signature] },
        { "signature of 31 bytes", [2, 2, 1, (byte)'i', 0, 0, 6, 31, .. Signature[1..]] },
        { "type not minimal", [2, 0x82, 0, 1, (byte)'i', 0, 0, 6, 32, .. Signature] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_the_format_does_not_allow_is_refused(string why, byte[] bytes) =>
        Assert.False(Macaroon.TryDecode(bytes, out _), why);

    [Fact]
    public void Sixty_four_caveats_are_read_and_one_more_is_not()
    {
        var macaroon = Macaroon.Create(null, "i"u8, "k"u8);
        for (var i = 0; i < Macaroon.MaxCaveats; i++)
            macaroon = macaroon.WithCaveat("label = x");
        Assert.True(Macaroon.TryDecode(macaroon.ToBytes(), out _));
        Assert.Throws<ArgumentException>(() => macaroon.WithCaveat("label = x"));

        byte[] caveat = [2, 1, (byte)'c', 0];
        byte[] tooMany =
            [2, 2, 1, (byte)'i', 0, .. Enumerable.Repeat(caveat, 65).SelectMany(c => c), 0, 6, 32, .. Signature];
        Assert.False(Macaroon.TryDecode(tooMany, out _));
    }

    [Fact]
    public void A_macaroon_of_8192_bytes_is_read_and_a_longer_one_is_not()
    {
        var room = Macaroon.MaxBytes - Minimal.Length - 1;
        byte[] Build(int length) =>
            [2, 2, (byte)((length & 0x7f) | 0x80), (byte)(length >> 7), .. new byte[length], 0, 0, 6, 32, .. Signature];
        Assert.Equal(Macaroon.MaxBytes, Build(room + 1).Length);
        Assert.True(Macaroon.TryDecode(Build(room + 1), out _));
        Assert.False(Macaroon.TryDecode(Build(room + 2), out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Base64_of_either_alphabet_is_imported(bool padded)
    {
        var macaroon = Macaroon.Create("http://x/", "id>?>?"u8, "k"u8);
        var text = Convert.ToBase64String(macaroon.ToBytes());
        Assert.True(Macaroon.TryParse(padded ? text : text.TrimEnd('='), out var read));
        Assert.Equal(macaroon.ToBytes(), read!.ToBytes());
        Assert.False(Macaroon.TryParse(text + " ", out _));
    }

    [Fact]
    public void The_packet_format_is_imported()
    {
        var macaroon = Macaroon.Create(
            "http://mybank/", "we used our secret key"u8, "this is our super secret key; only we should know it"u8)
            .WithCaveat("test = caveat")
            .WithThirdPartyCaveat("http://auth.mybank/", "4; guaranteed random by a fair toss of the dice"u8, "pred"u8);
        var bytes = new List<byte>();
        Packet("location", Encoding.ASCII.GetBytes(macaroon.Location!));
        Packet("identifier", macaroon.Identifier.Span);
        Packet("cid", macaroon.Caveats[0].Id.Span);
        Packet("cid", macaroon.Caveats[1].Id.Span);
        Packet("vid", macaroon.Caveats[1].VerificationId.Span);
        Packet("cl", "http://auth.mybank/"u8);
        Packet("signature", macaroon.Signature.Span);

        Assert.True(Macaroon.TryParse(Convert.ToBase64String([.. bytes]), out var read));
        Assert.Equal(macaroon.ToBytes(), read!.ToBytes());
        bytes[^1] = 0;
        Assert.False(Macaroon.TryParse(Convert.ToBase64String([.. bytes]), out _));

        void Packet(string key, ReadOnlySpan<byte> value)
        {
            bytes.AddRange(Encoding.ASCII.GetBytes($"{4 + key.Length + 2 + value.Length:x4}{key} "));
            bytes.AddRange(value);
            bytes.Add((byte)'\n');
        }
    }

    [Fact]
    public void The_published_packet_text_is_imported()
    {
        const string Published =
            "MDAxY2xvY2F0aW9uIGh0dHA6Ly9teWJhbmsvCjAwMjZpZGVudGlmaWVyIHdlIHVzZWQgb3VyIHNlY3JldCBrZXkKMDAyZnNpZ25hdHVy" +
            "ZSDj2eApCFJsTAA5rhURQRXZf91ovyujebNCqvD2F9BVLwo=";
        Assert.True(Macaroon.TryParse(Published, out var macaroon));
        Assert.Equal("e3d9e02908526c4c0039ae15114115d97fdd68bf2ba379b342aaf0f617d0552f",
            Convert.ToHexStringLower(macaroon!.Signature.Span));
    }

    [Fact]
    public void Nothing_secret_is_printed()
    {
        var macaroon = Macaroon.Create(null, "i"u8, "k"u8);
        Assert.DoesNotContain(macaroon.ToText(), macaroon.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_changes_of_a_macaroon_are_refused_or_read_back_unchanged()
    {
        var random = new Random(20261121);
        var start = Macaroon.Create("http://x/", "identifier"u8, "k"u8)
            .WithCaveat("ops = get,head")
            .WithThirdPartyCaveat("http://y/", "key"u8, "ticket"u8)
            .WithCaveat(new string('x', 300))
            .ToBytes();
        for (var round = 0; round < 60_000; round++)
        {
            var bytes = Mutate(start, random);
            if (!Macaroon.TryDecode(bytes, out var macaroon))
                continue;
            Assert.Equal(bytes, macaroon!.HasSignature
                ? macaroon.ToBytes()
                : System.Buffers.Text.Base64Url.DecodeFromChars(macaroon.ToSecurityToken()));
        }
    }

    [Fact]
    public void Random_text_is_refused()
    {
        var random = new Random(4);
        for (var round = 0; round < 40_000; round++)
        {
            var text = new char[random.Next(80)];
            for (var i = 0; i < text.Length; i++)
                text[i] = "MDAxAgEX-_+/=,. \u00e9"[random.Next(17)];
            Assert.False(Macaroon.TryParse(text, out _));
            Assert.False(Macaroon.TryParseList(text, out _));
        }
    }

    private static byte[] Mutate(byte[] start, Random random)
    {
        var bytes = start.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(random.Next(2) == 0 ? 8 : 256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. bytes];
    }
}
