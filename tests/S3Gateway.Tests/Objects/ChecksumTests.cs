using Vault.Protocol.Checksums;
using Vault.Protocol.SigV4;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class ChecksumTests(VaultFixture vault)
{
    private const string Unsigned = PayloadModes.StreamingUnsignedTrailer;
    private const string Signed = PayloadModes.StreamingSigned;
    private const string SignedTrailer = PayloadModes.StreamingSignedTrailer;

    private WireClient Client => vault.Client;

    public static TheoryData<ChecksumAlgorithm> Algorithms => [.. ChecksumAlgorithms.All.ToArray()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_checksum_in_a_header_is_checked_kept_and_shown(ChecksumAlgorithm algorithm)
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var length in new[] { 5, 10_000 })
        {
            var body = VaultFixture.Bytes(length);
            var (name, value) = (algorithm.HeaderName(), Of(algorithm, body));
            var put = (await Client.SendAsync("PUT", $"/{bucket}/key", body, (name, value),
                ("x-amz-sdk-checksum-algorithm", algorithm.WireName()))).Expect(200);
            Assert.Equal(value, put[name]);
            var head = (await Client.SendAsync("HEAD", $"/{bucket}/key", null, ("x-amz-checksum-mode", "ENABLED")))
                .Expect(200);
            Assert.Equal(value, head[name]);
            Assert.Equal("FULL_OBJECT", head["x-amz-checksum-type"]);
            var listed = await Client.SendAsync("GET", $"/{bucket}?list-type=2");
            Assert.Equal(algorithm.WireName(), listed.Value("ChecksumAlgorithm"));
            Assert.Equal("FULL_OBJECT", listed.Value("ChecksumType"));
            var wrong = VaultFixture.Bytes(length, 2);
            (await Client.SendAsync("PUT", $"/{bucket}/key", wrong, (name, value))).Expect(400, "BadDigest");
            Assert.Equal(body, (await Client.SendAsync("GET", $"/{bucket}/key")).Body);
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_trailing_checksum_is_checked_kept_and_shown(ChecksumAlgorithm algorithm)
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var mode in new[] { Unsigned, SignedTrailer })
        {
            foreach (var length in new[] { 0, 7, 100_000 })
            {
                var body = VaultFixture.Bytes(length);
                (string, string) trailer = (algorithm.HeaderName(), Of(algorithm, body));
                var put = (await Client.SendChunkedAsync(
                    "PUT", $"/{bucket}/key", body, mode, 65_536,
                    [("x-amz-sdk-checksum-algorithm", algorithm.WireName())], [trailer])).Expect(200);
                Assert.Equal(trailer.Item2, put[trailer.Item1]);
                Assert.Equal(body, (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200).Body);
                (string, string) wrong = (algorithm.HeaderName(), Of(algorithm, VaultFixture.Bytes(3, 9)));
                (await Client.SendChunkedAsync("PUT", $"/{bucket}/other", body, mode, 65_536, [], [wrong]))
                    .Expect(400, "BadDigest");
                (await Client.SendAsync("HEAD", $"/{bucket}/other")).Expect(404);
            }
        }
    }

    [Fact]
    public async Task A_stream_without_content_length_is_taken()
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var length in new[] { 10, 300_000 })
        {
            var body = VaultFixture.Bytes(length);
            var trailer = ("x-amz-checksum-crc32", Of(ChecksumAlgorithm.Crc32, body));
            (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", body, Unsigned, 65_536, [], [trailer],
                withLength: false)).Expect(200);
            Assert.Equal(body, (await Client.SendAsync("GET", $"/{bucket}/key")).Body);
        }
    }

    [Fact]
    public async Task Signed_chunks_are_taken_and_the_encoding_keeps_what_was_the_clients()
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(200_000);
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", body, Signed, 65_536,
            [("content-encoding", "gzip, aws-chunked")], [])).Expect(200);
        var got = (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200);
        Assert.Equal(body, got.Body);
        Assert.Equal("gzip", got["Content-Encoding"]);
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/plain", body, Signed, 65_536, [], [])).Expect(200);
        Assert.False((await Client.SendAsync("HEAD", $"/{bucket}/plain")).Has("Content-Encoding"));
    }

    [Theory]
    [InlineData(Signed)]
    [InlineData(SignedTrailer)]
    public async Task A_flipped_byte_in_a_signed_chunk_is_refused(string mode)
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var length in new[] { 100, 100_000 })
        {
            var body = VaultFixture.Bytes(length);
            (string, string)[] trailers = mode == SignedTrailer
                ? [("x-amz-checksum-crc32", Of(ChecksumAlgorithm.Crc32, body))] : [];
            (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", body, mode, 65_536, [], trailers,
                Flip(length / 2 + 90))).Expect(403, "SignatureDoesNotMatch");
            (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
        }
    }

    [Fact]
    public async Task A_wrong_trailer_signature_is_refused()
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(100);
        (await Client.SendChunkedAsync(
            "PUT", $"/{bucket}/key", body, SignedTrailer, 65_536, [],
            [("x-amz-checksum-crc32", Of(ChecksumAlgorithm.Crc32, body))],
            bytes =>
            {
                var at = bytes.AsSpan().IndexOf("x-amz-trailer-signature:"u8) + "x-amz-trailer-signature:".Length;
                bytes[at] = bytes[at] == (byte)'0' ? (byte)'1' : (byte)'0';
                return bytes;
            })).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(0)]
    public async Task A_decoded_length_that_is_not_true_is_an_incomplete_body(long claimed)
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(100);
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", body, Unsigned, 65_536, [], [], decodedLength: claimed))
            .Expect(400, "IncompleteBody");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(1)]
    public async Task A_chunked_body_that_ends_early_is_an_incomplete_body(int missing)
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(20_000);
        var trailer = ("x-amz-checksum-crc32", Of(ChecksumAlgorithm.Crc32, body));
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", body, Unsigned, 65_536, [], [trailer], bytes =>
            bytes[..^missing])).Expect(400);
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task Bytes_after_the_end_are_an_incomplete_body()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", new byte[50], Unsigned, 65_536, [], [], bytes =>
            [.. bytes, 1, 2, 3])).Expect(400, "IncompleteBody");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task A_trailer_that_was_announced_and_does_not_come_is_malformed()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendChunkedAsync("PUT", $"/{bucket}/key", new byte[50], Unsigned, 65_536, [],
            [("x-amz-checksum-crc32", "AAAAAA==")], bytes =>
        {
            var at = bytes.AsSpan().IndexOf("x-amz-checksum-crc32:"u8);
            return [.. bytes[..at], .. "\r\n"u8];
        })).Expect(400, "MalformedTrailerError");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAA", null, null)]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==", "x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("x-amz-checksum-crc17", "AAAAAA==", null, null)]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32", null, null)]
    public async Task Wrong_checksum_headers_are_an_invalid_request(string name, string value, string? name2,
        string? value2)
    {
        var bucket = await vault.NewBucketAsync();
        (string, string)[] headers = name2 is null ? [(name, value)] : [(name, value), (name2, value2!)];
        (await Client.SendAsync("PUT", $"/{bucket}/key", [1], headers)).Expect(400, "InvalidRequest");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task Content_md5_is_checked()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", "abc"u8.ToArray(),
            ("content-md5", "kAFQmDzST7DWlj99KOF/cg=="))).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/key", "abd"u8.ToArray(),
            ("content-md5", "kAFQmDzST7DWlj99KOF/cg=="))).Expect(400, "BadDigest");
        (await Client.SendAsync("PUT", $"/{bucket}/key", "abc"u8.ToArray(), ("content-md5", "nonsense")))
            .Expect(400, "InvalidDigest");
        Assert.Equal("abc", (await Client.SendAsync("GET", $"/{bucket}/key")).Text);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_body_that_is_not_the_one_that_was_signed_is_refused(int length)
    {
        var bucket = await vault.NewBucketAsync();
        var request = Client.Sign("PUT", $"/{bucket}/key", VaultFixture.Bytes(length), ("content-length", $"{length}"));
        request[^1] ^= 1;
        (await Client.ExchangeAsync(request, false)).Expect(400, "XAmzContentSHA256Mismatch");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task An_unsigned_payload_is_taken()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", "free"u8.ToArray(), PayloadModes.UnsignedPayload, []))
            .Expect(200);
        Assert.Equal("free", (await Client.SendAsync("GET", $"/{bucket}/key")).Text);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_body_that_ends_early_stores_nothing(int length)
    {
        var bucket = await vault.NewBucketAsync();
        var request = Client.Sign("PUT", $"/{bucket}/key", VaultFixture.Bytes(length), ("content-length", $"{length}"));
        Assert.Contains(await Client.ExchangeLooselyAsync(request[..^5]), new[] { 0, 400 });
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task A_put_without_a_length_is_refused()
    {
        var bucket = await vault.NewBucketAsync();
        var request = Client.Sign("PUT", $"/{bucket}/key", []);
        (await Client.ExchangeAsync(request, false)).Expect(411, "MissingContentLength");
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_it_is_read()
    {
        var bucket = await vault.NewBucketAsync();
        var request = Client.Sign("PUT", $"/{bucket}/key", [], ("content-length", $"{(5L << 30) + 1}"));
        var refused = (await Client.ExchangeAsync([.. request, .. new byte[1000]], false))
            .Expect(400, "EntityTooLarge");
        Assert.Equal("close", refused["Connection"]);
    }

    private static Func<byte[], byte[]> Flip(int at) => bytes =>
    {
        bytes[at] ^= 1;
        return bytes;
    };

    private static string Of(ChecksumAlgorithm algorithm, byte[] body)
    {
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(body);
        return checksum.Finish().ToString();
    }
}
