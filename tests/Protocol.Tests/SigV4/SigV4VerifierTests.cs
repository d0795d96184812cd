using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

public sealed class SigV4VerifierTests
{
    [Fact]
    public void A_changed_method_path_query_host_header_or_payload_does_not_match()
    {
        var request = SigV4Fixture.Signed("GET", "/b/k?list-type=2");
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request));
        Assert.Equal(SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(request.Copy(method: "PUT")));
        Assert.Equal(SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(request.Copy(target: "/b/K?list-type=2")));
        Assert.Equal(SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(request.Copy(target: "/b/k?list-type=1")));
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(request.Copy().With("host", "other.example")));
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch,
            SigV4Fixture.Verify(request.Copy().With("x-amz-content-sha256", PayloadModes.UnsignedPayload)));
    }

    [Fact]
    public void Another_secret_does_not_match()
    {
        var request = SigV4Fixture.Signed("GET", "/b/k");
        SigV4Parser.Parse(request, SigV4Fixture.Options, SigV4Fixture.Now, out var claim, out _);
        using var other = new SigningKeys("another secret");
        Assert.Equal(SigV4Outcome.SignatureDoesNotMatch, SigV4Verifier.Verify(request, claim!, other));
    }

    [Theory]
    [InlineData("/b/a+b")]
    [InlineData("/b/!(x)*")]
    [InlineData("/b/caf%c3%a9")]
    [InlineData("/b/a%2Fb")]
    public void A_client_that_signs_the_path_as_it_sends_it_is_understood(string target)
    {
        var request = SigV4Fixture.Signed("GET", target);
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request));

        var verbatim = VerbatimSigned(target);
        Assert.NotEqual(SigV4Fixture.SignatureOf(request), SigV4Fixture.SignatureOf(verbatim));
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(verbatim));
        Assert.Equal(SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(verbatim.Copy(target: target + "x")));
    }

    [Theory]
    [InlineData("GET", "/b/k", "GET", "/b/k", "x=1", SigV4Outcome.SignatureDoesNotMatch)]
    [InlineData("GET", "/b/k", "PUT", "/b/k", "", SigV4Outcome.SignatureDoesNotMatch)]
    [InlineData("GET", "/b/k", "GET", "/b/K", "", SigV4Outcome.SignatureDoesNotMatch)]
    [InlineData("PUT", "/b/k?versionId=1", "PUT", "/b/k?versionId=1", "", SigV4Outcome.Ok)]
    public void A_presigned_url_works_only_for_what_was_signed(
        string method, string target, string usedMethod, string usedPath, string more, SigV4Outcome expected)
    {
        var presigned = SigV4Fixture.Presigned(method, target);
        var query = presigned[presigned.IndexOf("X-Amz-Algorithm", StringComparison.Ordinal)..];
        var used = usedPath + (usedPath.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query
            + (more.Length > 0 ? "&" + more : "");
        Assert.Equal(expected, SigV4Fixture.Verify(new SignableRequest(usedMethod, used, SigV4Fixture.Host)));
    }

    [Fact]
    public void A_presigned_url_with_another_host_does_not_match() =>
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch,
            SigV4Fixture.Verify(new SignableRequest("GET", SigV4Fixture.Presigned("GET", "/b/k"), "other.example")));

    [Fact]
    public void A_presigned_url_may_be_repeated_until_it_expires()
    {
        var request = new SignableRequest("GET", SigV4Fixture.Presigned("GET", "/b/k", 60), SigV4Fixture.Host);
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request));
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request, SigV4Fixture.Now.AddSeconds(60)));
        Assert.Equal(SigV4Outcome.RequestExpired, SigV4Fixture.Verify(request, SigV4Fixture.Now.AddSeconds(61)));
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request, SigV4Fixture.Now.AddMinutes(-15)));
        Assert.Equal(
            SigV4Outcome.RequestNotYetValid, SigV4Fixture.Verify(request, SigV4Fixture.Now.AddSeconds(-901)));
    }

    [Fact]
    public void A_presigned_url_with_signed_headers_needs_them()
    {
        var request = new SignableRequest("PUT", "/b/k", SigV4Fixture.Host).With("x-amz-acl", "private");
        using var signer = SigV4Fixture.Signer();
        signer.Presign(request, SigV4Fixture.Now, TimeSpan.FromHours(1));
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request));
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch, SigV4Fixture.Verify(request.Copy().With("x-amz-acl", "public-read")));
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch,
            SigV4Fixture.Verify(new SignableRequest("PUT", request.RawTarget, SigV4Fixture.Host)));
    }

    [Fact]
    public void The_time_may_differ_by_fifteen_minutes()
    {
        var request = SigV4Fixture.Signed("GET", "/b/k");
        foreach (var sign in new[] { -1, 1 })
        {
            Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request, SigV4Fixture.Now.AddMinutes(15 * sign)));
            Assert.Equal(
                SigV4Outcome.RequestTimeTooSkewed,
                SigV4Fixture.Verify(request, SigV4Fixture.Now.AddSeconds(901 * sign)));
        }
    }

    [Fact]
    public void Signing_keys_are_remembered_for_the_last_few_scopes_and_right_for_all()
    {
        using var keys = SigV4Fixture.Keys();
        Span<byte> key = stackalloc byte[32], again = stackalloc byte[32];
        for (var day = 1; day <= 20; day++)
        {
            using var fresh = SigV4Fixture.Keys();
            fresh.CopyKey($"201305{day:d2}", "us-east-1", "s3", key);
            keys.CopyKey($"201305{day:d2}", "us-east-1", "s3", again);
            Assert.True(key.SequenceEqual(again));
            keys.CopyKey($"201305{day:d2}", "us-east-1", "s3", again);
            Assert.True(key.SequenceEqual(again));
        }
    }

    [Fact]
    public void The_published_signing_key_is_derived()
    {
        using var keys = new SigningKeys("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        Span<byte> key = stackalloc byte[32];
        keys.CopyKey("20150830", "us-east-1", "iam", key);
        Assert.Equal("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9", Convert.ToHexStringLower(key));
    }

    [Fact]
    public void Verifying_a_header_signature_allocates_little()
    {
        var signed = SigV4Fixture.Signed("GET", "/bucket/some/key");
        var request = new LeanRequest(signed.RawTarget, signed.Headers["authorization"]);
        using var keys = SigV4Fixture.Keys();
        Assert.True(Run(request, keys));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Run(request, keys);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 480);

        static bool Run(LeanRequest request, SigningKeys keys) =>
            SigV4Parser.Parse(request, SigV4Fixture.Options, SigV4Fixture.Now, out var claim, out _) == SigV4Outcome.Ok
            && SigV4Verifier.Verify(request, claim!, keys) == SigV4Outcome.Ok;
    }

    [Fact]
    public void Nothing_secret_is_printed()
    {
        SigV4Parser.Parse(
            SigV4Fixture.Signed("GET", "/"), SigV4Fixture.Options, SigV4Fixture.Now, out var claim, out _);
        using var keys = SigV4Fixture.Keys();
        using var signer = SigV4Fixture.Signer();
        var printed = $"{claim} {keys} {signer}";
        Assert.DoesNotContain(SigV4Fixture.AccessKeyId, printed, StringComparison.Ordinal);
        Assert.DoesNotContain(SigV4Fixture.Secret, printed, StringComparison.Ordinal);
    }

    private readonly struct LeanRequest(string target, string authorization) : ISigV4Request
    {
        public string Method => "GET";

        public string RawTarget => target;

        public HeaderValues GetHeader(string name) => name switch
        {
            "host" => new HeaderValues(SigV4Fixture.Host),
            "authorization" => new HeaderValues(authorization),
            "x-amz-date" => new HeaderValues("20130524T000000Z"),
            "x-amz-content-sha256" => new HeaderValues(PayloadModes.EmptyHash),
            _ => default,
        };

        public string? FindUnsignedHeader(SignedHeaderNames signedHeaders) =>
            signedHeaders.Lacks("x-amz-date") ? "x-amz-date" : null;
    }

    private static SignableRequest VerbatimSigned(string target)
    {
        var request = SigV4Fixture.Signed("GET", target);
        var input = new SignatureInput
        {
            SignedHeaders = "host;x-amz-content-sha256;x-amz-date",
            Payload = PayloadModes.EmptyHash,
            Timestamp = "20130524T000000Z",
            Scope = "20130524/us-east-1/s3/aws4_request",
            IsPresigned = false,
        };
        Span<byte> key = stackalloc byte[32], signature = stackalloc byte[32];
        using var keys = SigV4Fixture.Keys();
        keys.CopyKey("20130524", "us-east-1", "s3", key);
        StringToSign.Sign(request, key, input, verbatimPath: true, signature);
        var header = request.Headers["authorization"];
        return request.With("authorization", header[..^64] + Convert.ToHexStringLower(signature));
    }
}
