using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Http;

/// <summary>Hostile requests on the wire: each ends in a clear refusal and the next request is served.</summary>
public sealed class BadInputTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Fact]
    public async Task Headers_beyond_the_limit_are_refused()
    {
        (await Client.SendAsync("GET", "/", null, ("x-amz-meta-big", new string('x', 30_000))))
            .Expect(400, "RequestHeaderSectionTooLarge");
        var flood = await Client.SendUnsignedAsync("GET", "/", null,
            [.. Enumerable.Range(0, 150).Select(i => ($"x-{i}", new string('x', 300)))]);
        flood.Expect(400, "RequestHeaderSectionTooLarge");
        var count = await Client.SendUnsignedAsync(
            "GET", "/", null, [.. Enumerable.Range(0, 250).Select(i => ($"x-{i}", "x"))]);
        ExpectUnparsed(count, 431, "RequestHeaderSectionTooLarge");
    }

    [Fact]
    public async Task A_hundred_megabytes_of_headers_are_refused_in_bounded_memory()
    {
        vault.Process.ResetPeak();
        var before = vault.Process.PeakResidentBytes();
        var line = Encoding.ASCII.GetBytes("x-flood: " + new string('x', 1 << 20) + "\r\n");
        byte[] flood = [.. "GET / HTTP/1.1\r\nHost: x\r\n"u8, .. Enumerable.Repeat(line, 100)
            .SelectMany(bytes => bytes)];
        var answer = await Client.ExchangeAsync(flood, false);
        ExpectUnparsed(answer, 431, "RequestHeaderSectionTooLarge");
        Assert.InRange(vault.Process.PeakResidentBytes() - before, long.MinValue, 64 << 20);
        (await Client.SendAsync("GET", "/")).Expect(200);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /bucket/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /bucket/key%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505)]
    [InlineData("PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("\u0016\u0003\u0001\u0002\r\n\r\n", 400)]
    public async Task What_is_no_request_gets_an_error_as_s3_words_it(string request, int status) =>
        ExpectUnparsed(await Client.ExchangeAsync(Encoding.Latin1.GetBytes(request), false), status, "BadRequest");

    [Fact]
    public async Task A_head_that_is_no_request_gets_an_id_and_no_body()
    {
        var answer = await Client.ExchangeAsync("HEAD / HTTP/1.1\r\nno colon\r\n\r\n"u8.ToArray(), true);
        Assert.Equal((400, 16), (answer.Status, answer["x-amz-request-id"].Length));
    }

    [Fact]
    public async Task A_target_that_is_too_long_is_refused()
    {
        var answer = await Client.SendUnsignedAsync("GET", "/bucket/" + new string('k', 40_000));
        ExpectUnparsed(answer, 414, "InvalidURI");
    }

    [Fact]
    public async Task A_bad_request_after_good_ones_gets_its_own_answer()
    {
        var bucket = await vault.NewBucketAsync("key");
        var good = Encoding.UTF8.GetString(Client.Sign("GET", $"/{bucket}/key", []))
            .Replace("Connection: close\r\n", "", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(good + good + "nonsense\r\n\r\n");
        var text = await Client.ExchangeTextAsync(bytes);
        Assert.Equal(2, text.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Single(text.Split("<Code>BadRequest</Code>").Skip(1));
        Assert.Equal(3, text.Split("x-amz-request-id: ").Length - 1);
    }

    [Theory]
    [InlineData("/%")]
    [InlineData("/bucket/%zz")]
    [InlineData("/bucket/%c0%af")]
    [InlineData("/bucket/%ff")]
    public async Task Malformed_escapes_are_an_invalid_uri(string target)
    {
        var answer = await Client.SendAsync("GET", target);
        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task Path_tricks_name_keys_and_nothing_else()
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var target in new[] { "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/../../b", "//etc//passwd",
            "/..%2f..%2fetc%2fpasswd" })
        {
            (await Client.SendAsync("PUT", $"/{bucket}{target}", Encoding.UTF8.GetBytes(target))).Expect(200);
            Assert.Equal(target, (await Client.SendAsync("GET", $"/{bucket}{target}")).Expect(200).Text);
        }

        Assert.Equal(
            ["../../etc/passwd", "../../etc/passwd", "a/../../b", "/etc//passwd", "../../etc/passwd"],
            new[] { "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/../../b", "//etc//passwd",
                "/..%2f..%2fetc%2fpasswd" }.Select(t => Uri.UnescapeDataString(t[1..])));
        Assert.Equal("3", (await Client.SendAsync("GET", $"/{bucket}?list-type=2")).Value("KeyCount"));
    }

    [Theory]
    [InlineData("PATCH", "/", 405)]
    [InlineData("POST", "/", 405)]
    [InlineData("DELETE", "/", 405)]
    [InlineData("TRACE", "/bucket-x/key", 405)]
    public async Task Methods_that_s3_does_not_know_are_not_allowed(string method, string target, int status) =>
        (await Client.SendAsync(method, target)).Expect(status, "MethodNotAllowed");

    [Fact]
    public async Task A_refused_upload_is_answered_and_the_connection_closed()
    {
        var request = Client.Sign("PUT", "/no-such-bucket-x/key", [], ("content-length", "1000000"),
            ("expect", "100-continue"));
        var answer = await Client.ExchangeAsync(request, false);
        Assert.Equal(("NoSuchBucket", "close"), (answer.Expect(404).Code, answer["Connection"]));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("?partNumber=1&uploadId=none", 404)]
    public async Task An_empty_upload_that_expects_a_continue_is_the_last_of_its_connection(string query, int status)
    {
        var bucket = await vault.NewBucketAsync();
        var request = Client.Sign("PUT", $"/{bucket}/key{query}", [], ("content-length", "0"), ("expect", "100-continue"));
        var answer = await Client.ExchangeAsync(request, false);
        Assert.Equal("close", answer.Expect(status)["Connection"]);
    }

    [Fact]
    public async Task An_upload_that_expects_a_continue_gets_one()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", new byte[10_000], ("expect", "100-continue"))).Expect(200);
        Assert.Equal(10_000, (await Client.SendAsync("GET", $"/{bucket}/key")).Body.Length);
    }

    [Fact]
    public async Task Requests_bent_at_random_are_answered_and_the_server_lives()
    {
        var bucket = await vault.NewBucketAsync("key");
        var random = new Random(5);
        var seed = Client.Sign("GET", $"/{bucket}/key?partNumber=1", [], ("range", "bytes=0-1"),
            ("x-amz-checksum-mode", "ENABLED"));
        for (var i = 0; i < 300; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var n = random.Next(1, 4); n > 0; n--)
                bytes[random.Next(bytes.Length - 4)] = (byte)random.Next(256);
            var answer = await Client.ExchangeLooselyAsync(bytes);
            Assert.InRange(answer, 0, 505);
            Assert.NotEqual(500, answer);
        }

        (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200);
    }

    /// <summary>A refusal of the server's own, made S3's; it knows no resource.</summary>
    private static void ExpectUnparsed(WireResponse answer, int status, string code)
    {
        answer.Expect(status);
        Assert.Equal((code, "application/xml", "close"), (answer.Code, answer["Content-Type"], answer["Connection"]));
        Assert.NotEqual("", answer.Value("Message"));
        Assert.Equal(answer["x-amz-request-id"], answer.Value("RequestId"));
        Assert.Equal(16, answer.Value("RequestId").Length);
    }
}
