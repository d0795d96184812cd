using System.Text;
using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

public sealed class AwsChunkedDecoderTests
{
    public static TheoryData<PayloadMode> Modes =>
        [PayloadMode.StreamingSigned, PayloadMode.StreamingSignedTrailer, PayloadMode.StreamingUnsignedTrailer];

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_body_is_decoded_whole(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 65536, 8192, 1);
        using var decoder = fixture.Decoder();
        var (status, data) = AwsChunkedFixture.Decode(decoder, fixture.Body, 1 << 20, int.MaxValue);

        Assert.Equal((AwsChunkedStatus.Done, AwsChunkedError.None), (status, decoder.Error));
        Assert.Equal(fixture.Data, data);
        Assert.Equal(fixture.Data.Length, decoder.DecodedBytes);
        Assert.Equal(mode.HasTrailer() ? [AwsChunkedFixture.Trailer] : [], decoder.Trailers);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void An_empty_body_is_decoded(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode);
        using var decoder = fixture.Decoder();
        var (status, data) = AwsChunkedFixture.Decode(decoder, fixture.Body, 16, 7);
        Assert.Equal(AwsChunkedStatus.Done, status);
        Assert.Empty(data);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_body_split_at_any_byte_gives_the_same(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 8192, 100);
        for (var split = 1; split < fixture.Body.Length; split++)
        {
            using var decoder = fixture.Decoder();
            var (status, data) = AwsChunkedFixture.Decode(decoder, fixture.Body, 10_000, split, int.MaxValue);
            Assert.Equal(AwsChunkedStatus.Done, status);
            Assert.True(data.AsSpan().SequenceEqual(fixture.Data), $"split at {split}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_body_in_single_bytes_into_small_buffers_gives_the_same(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 8192, 8192, 77);
        foreach (var (room, piece) in new[] { (1, 1), (3, 1000), (8191, 13), (1, int.MaxValue) })
        {
            using var decoder = fixture.Decoder();
            var (status, data) = AwsChunkedFixture.Decode(decoder, fixture.Body, room, piece);
            Assert.Equal(AwsChunkedStatus.Done, status);
            Assert.Equal(fixture.Data, data);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_body_cut_short_anywhere_is_truncated(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 8192, 20);
        var complete = mode == PayloadMode.StreamingSigned ? fixture.Body.Length - 2 : fixture.Body.Length;
        for (var length = 0; length < complete; length += length is > 200 and < 8000 ? 97 : 1)
        {
            using var decoder = fixture.Decoder();
            var (status, _) = AwsChunkedFixture.Decode(decoder, fixture.Body.AsSpan(0, length), 9000, int.MaxValue);
            Assert.Equal((AwsChunkedStatus.Failed, AwsChunkedError.Truncated), (status, decoder.Error));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Bytes_after_the_end_are_refused(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 20);
        Assert.Equal(AwsChunkedError.TrailingData, ErrorOf(fixture, [.. fixture.Body, 0]));
    }

    [Theory]
    [InlineData(PayloadMode.StreamingSigned)]
    [InlineData(PayloadMode.StreamingSignedTrailer)]
    public void Every_changed_byte_of_a_signed_body_is_noticed(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 8192, 20);
        var changed = fixture.Body.ToArray();
        for (var at = 0; at < changed.Length; at += at is > 200 and < 8000 ? 101 : 1)
        {
            changed[at] ^= 1;
            using var decoder = fixture.Decoder();
            var (status, _) = AwsChunkedFixture.Decode(decoder, changed, 9000, int.MaxValue);
            Assert.Equal(AwsChunkedStatus.Failed, status);
            changed[at] ^= 1;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_wrong_decoded_length_is_refused(PayloadMode mode)
    {
        var fixture = new AwsChunkedFixture(mode, 8192, 20);
        foreach (var length in new long[] { 0, 8192, 8211, 8213 })
            Assert.Equal(AwsChunkedError.LengthMismatch, ErrorOf(fixture, fixture.Body, length));
        Assert.Equal(AwsChunkedError.None, ErrorOf(fixture, fixture.Body, -1));
    }

    [Fact]
    public void A_chunk_that_is_too_long_is_refused_before_its_data()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingUnsignedTrailer, 20);
        using var decoder = fixture.Decoder();
        Assert.Equal(
            AwsChunkedStatus.Failed, decoder.Decode("7fffffffffffffff\r\n"u8, [], out _, out _));
        Assert.Equal(AwsChunkedError.LengthMismatch, decoder.Error);
    }

    [Fact]
    public void Only_the_last_chunk_may_be_small()
    {
        foreach (PayloadMode mode in Modes)
        {
            var fixture = new AwsChunkedFixture(mode, 8191, 20);
            Assert.Equal(AwsChunkedError.ChunkTooSmall, ErrorOf(fixture, fixture.Body));
        }
    }

    [Fact]
    public void A_swapped_pair_of_chunks_breaks_the_chain()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingSigned, 8192, 8192);
        var frame = fixture.Body.AsSpan().IndexOf("\r\n"u8) + 2 + 8192 + 2;
        byte[] swapped =
            [.. fixture.Body[frame..(2 * frame)], .. fixture.Body[..frame], .. fixture.Body[(2 * frame)..]];
        Assert.Equal(AwsChunkedError.SignatureMismatch, ErrorOf(fixture, swapped));
    }

    [Fact]
    public void A_body_of_another_request_breaks_the_chain()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingSigned, 100);
        using var signer = SigV4Fixture.Signer();
        using var signing = signer.Sign(
            new SignableRequest("PUT", "/b/other", SigV4Fixture.Host), PayloadModes.StreamingSigned, SigV4Fixture.Now);
        using var decoder = new AwsChunkedDecoder(fixture.Mode, 100, null, signing);
        AwsChunkedFixture.Decode(decoder, fixture.Body, 1000, int.MaxValue);
        Assert.Equal(AwsChunkedError.SignatureMismatch, decoder.Error);
    }

    [Theory]
    [InlineData("\r\n14\r\n", "\r\n+14\r\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n\r\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n14\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n00000000000000014\r\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n8000000000000014\r\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n13\r\n", AwsChunkedError.MalformedChunk)]
    [InlineData("\r\n14\r\n", "\r\n014;extension\r\n", AwsChunkedError.None)]
    [InlineData("crc32:", "crc32c:", AwsChunkedError.MalformedTrailer)]
    [InlineData("crc32:", "crc32 ", AwsChunkedError.MalformedTrailer)]
    [InlineData("crc32:AA", "crc32:\u0001", AwsChunkedError.MalformedTrailer)]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\r\n", "", AwsChunkedError.MalformedTrailer)]
    [InlineData("AAAAAA==\r\n", "AAAAAA==\r\nx-amz-checksum-crc32:AAAAAA==\r\n", AwsChunkedError.MalformedTrailer)]
    [InlineData("AAAAAA==\r\n", "AAAAAA==\r\nx-amz-trailer-signature:00\r\n", AwsChunkedError.MalformedTrailer)]
    [InlineData("x-amz-checksum-crc32:AAAAAA==", "X-Amz-Checksum-Crc32:  AAAAAA== ", AwsChunkedError.None)]
    public void Framing_of_an_unsigned_body_is_strict(string part, string replaced, AwsChunkedError expected)
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingUnsignedTrailer, 8192, 20);
        Assert.Equal(expected, ErrorOf(fixture, fixture.Altered(part, replaced)));
    }

    [Fact]
    public void Long_lines_are_refused_before_they_are_collected()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingUnsignedTrailer, 20);
        var flood = new string('a', 5000);
        Assert.Equal(AwsChunkedError.MalformedChunk, ErrorOf(fixture, Encoding.ASCII.GetBytes(flood)));
        Assert.Equal(AwsChunkedError.MalformedChunk, ErrorOf(fixture, Encoding.ASCII.GetBytes("14;" + flood + "\r\n")));
        Assert.Equal(AwsChunkedError.MalformedTrailer, ErrorOf(fixture, fixture.Altered("AAAAAA==", flood)));
    }

    [Fact]
    public void A_signed_body_without_a_signature_is_refused()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingSigned, 20);
        Assert.Equal(AwsChunkedError.MalformedChunk, ErrorOf(fixture, "14\r\n"u8.ToArray()));
        Assert.Equal(AwsChunkedError.MalformedChunk, ErrorOf(fixture, "14;chunk-signature=00\r\n"u8.ToArray()));
    }

    [Fact]
    public void A_signed_trailer_without_its_signature_is_refused()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingSignedTrailer, 20);
        var text = Encoding.Latin1.GetString(fixture.Body);
        var at = text.IndexOf("x-amz-trailer-signature", StringComparison.Ordinal);
        Assert.Equal(
            AwsChunkedError.MalformedTrailer, ErrorOf(fixture, [.. fixture.Body[..at], .. "\r\n\r\n"u8]));
    }

    [Fact]
    public void A_line_feed_before_the_end_of_a_trailing_header_is_tolerated()
    {
        foreach (var mode in new[] { PayloadMode.StreamingSignedTrailer })
        {
            var fixture = new AwsChunkedFixture(mode, 20);
            Assert.Equal(AwsChunkedError.None, ErrorOf(fixture, fixture.Altered("AAAAAA==\r\n", "AAAAAA==\n\r\n")));
        }
    }

    [Fact]
    public void A_trailer_that_was_not_declared_is_refused_and_none_may_be_declared()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingUnsignedTrailer, 20);
        using var undeclared = fixture.Decoder(declared: null);
        AwsChunkedFixture.Decode(undeclared, fixture.Body, 100, int.MaxValue);
        Assert.Equal(AwsChunkedError.MalformedTrailer, undeclared.Error);

        using var bare = fixture.Decoder(declared: null);
        var (status, _) = AwsChunkedFixture.Decode(
            bare, fixture.Altered("x-amz-checksum-crc32:AAAAAA==\r\n", ""), 100, int.MaxValue);
        Assert.Equal(AwsChunkedStatus.Done, status);
    }

    [Fact]
    public void Decoding_allocates_nothing_per_chunk()
    {
        var fixture = new AwsChunkedFixture(PayloadMode.StreamingSigned, [.. Enumerable.Repeat(8192, 64)]);
        var output = new byte[fixture.Data.Length];
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            using var decoder = fixture.Decoder();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var status = decoder.Decode(fixture.Body, output, out _, out _);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(AwsChunkedStatus.Done, status);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Random_changes_and_splits_never_throw_and_never_pass_a_signed_body()
    {
        var random = new Random(77);
        foreach (PayloadMode mode in Modes)
        {
            var fixture = new AwsChunkedFixture(mode, 8192, 30);
            for (var round = 0; round < 1_500; round++)
            {
                var body = fixture.Body.ToList();
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    Change(body, random);
                if (body.SequenceEqual(fixture.Body))
                    continue;
                using var decoder = fixture.Decoder();
                var (status, data) = AwsChunkedFixture.Decode(
                    decoder, [.. body], random.Next(1, 9000), random.Next(1, 9000));
                Assert.True(status is AwsChunkedStatus.Done or AwsChunkedStatus.Failed);
                if (status == AwsChunkedStatus.Done && mode.HasChunkSignatures())
                    Assert.Equal(fixture.Data, data);
            }
        }
    }

    private static void Change(List<byte> body, Random random)
    {
        var at = random.Next(3) == 0 ? random.Next(body.Count) : (random.Next(240) + body.Count - 120) % body.Count;
        switch (random.Next(3))
        {
            case 0:
                body[at] = (byte)random.Next(256);
                break;
            case 1:
                body.RemoveAt(at);
                break;
            default:
                body.Insert(at, "\r\n;0a:"u8[random.Next(6)]);
                break;
        }
    }

    private static AwsChunkedError ErrorOf(AwsChunkedFixture fixture, byte[] body, long? length = null)
    {
        using var decoder = fixture.Decoder(length);
        AwsChunkedFixture.Decode(decoder, body, 10_000, int.MaxValue);
        return decoder.Error;
    }
}
