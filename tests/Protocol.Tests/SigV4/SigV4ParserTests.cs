using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

public sealed class SigV4ParserTests
{
    private const string Scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
    private const string Names = "host;x-amz-content-sha256;x-amz-date";
    private static readonly string Zeros = new('0', 64);

    private static string Good => $"AWS4-HMAC-SHA256 Credential={Scope}, SignedHeaders={Names}, Signature={Zeros}";

    [Fact]
    public void A_claim_says_who_when_and_what()
    {
        Assert.Equal(SigV4Outcome.Ok, Parse(Request(Good), out var claim, out _));
        Assert.Equal("AKIAIOSFODNN7EXAMPLE", claim!.AccessKeyId);
        Assert.Equal(("20130524", "us-east-1", "s3"),
            (claim.Date.ToString(), claim.Region.ToString(), claim.Service.ToString()));
        Assert.Equal((Names, SigV4Fixture.Now, PayloadMode.Hash, false),
            (claim.SignedHeaders, claim.SignedAt, claim.Payload, claim.IsPresigned));
        Span<byte> hash = stackalloc byte[32];
        Assert.True(claim.TryGetPayloadHash(hash));
        Assert.Equal(PayloadModes.EmptyHash, Convert.ToHexStringLower(hash));
    }

    [Theory]
    [InlineData("AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", SigV4Outcome.SignatureVersion2)]
    [InlineData("Bearer AgEX", SigV4Outcome.Bearer)]
    [InlineData("bearer AgEX", SigV4Outcome.Bearer)]
    [InlineData("Basic dTpw", SigV4Outcome.UnsupportedAuthorization)]
    [InlineData("", SigV4Outcome.UnsupportedAuthorization)]
    [InlineData("AWS4-HMAC-SHA256", SigV4Outcome.AuthorizationHeaderMalformed)]
    [InlineData("AWS4-HMAC-SHA256 Credential", SigV4Outcome.AuthorizationHeaderMalformed)]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a", SigV4Outcome.UnsupportedAuthorization)]
    public void Other_schemes_are_told_apart(string authorization, SigV4Outcome expected) =>
        Assert.Equal(expected, Parse(Request(authorization), out _, out _));

    [Fact]
    public void A_request_without_credentials_is_anonymous() =>
        Assert.Equal(
            SigV4Outcome.Anonymous,
            Parse(new SignableRequest("GET", "/b/k?prefix=x", SigV4Fixture.Host), out _, out _));

    [Fact]
    public void Header_and_query_together_are_refused()
    {
        var request = Request(Good).Copy(target: SigV4Fixture.Presigned("GET", "/b/k"));
        Assert.Equal(SigV4Outcome.SeveralMechanisms, Parse(request, out _, out _));
    }

    [Fact]
    public void An_old_presigned_url_is_refused() =>
        Assert.Equal(
            SigV4Outcome.SignatureVersion2,
            Parse(new SignableRequest("GET", "/b/k?AWSAccessKeyId=a&Expires=1&Signature=b", "h"), out _, out _));

    [Theory]
    [InlineData("eu-west-1", "the region 'us-east-1' is wrong; expecting 'eu-west-1'")]
    [InlineData("us-east-1", null)]
    public void A_strict_region_is_demanded(string strict, string? detail)
    {
        var options = new SigV4Options { StrictRegion = strict };
        var request = Request(Good);
        var outcome = SigV4Parser.Parse(request, options, SigV4Fixture.Now, out _, out var got);
        Assert.Equal(
            (detail is null ? SigV4Outcome.Ok : SigV4Outcome.AuthorizationHeaderMalformed, detail), (outcome, got));
    }

    [Fact]
    public void Any_region_is_accepted_by_default() =>
        Assert.Equal(
            SigV4Outcome.Ok, Parse(Request(Good.Replace("us-east-1", "mars", StringComparison.Ordinal)), out _, out _));

    [Theory]
    [InlineData("/s3/", "/ec2/", "incorrect service \"ec2\". This endpoint belongs to \"s3\".")]
    [InlineData(
        "/aws4_request", "/aws4_reques", "incorrect terminal \"aws4_reques\". This endpoint uses \"aws4_request\".")]
    [InlineData("/20130524/", "/2013052/",
        "incorrect date format \"2013052\". This date in the credential must be in the format \"yyyyMMdd\".")]
    [InlineData("/20130524/", "/20130525/",
        "Invalid credential date \"20130525\". This date is not the same as X-Amz-Date: \"20130524\".")]
    [InlineData("/us-east-1/", "//",
        "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("/us-east-1/s3/", "/",
        "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/", "/",
        "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    public void A_wrong_scope_is_refused_in_Amazons_words(string part, string replaced, string detail)
    {
        Assert.Equal(
            SigV4Outcome.AuthorizationHeaderMalformed,
            Parse(Request(Good.Replace(part, replaced, StringComparison.Ordinal)), out _, out var got));
        Assert.Equal(detail, got);
        Assert.Equal("The authorization header is malformed; " + detail,
            SigV4Error.For(SigV4Outcome.AuthorizationHeaderMalformed, got).Message);
    }

    [Theory]
    [InlineData(", Signature=0", ", Signature")]
    [InlineData("SignedHeaders=", "SignedHeader=")]
    [InlineData("Credential=", "Credential=x, Credential=")]
    [InlineData("Credential=", "More=x, Credential=")]
    public void The_header_has_exactly_three_components(string part, string replaced) =>
        Assert.Equal(
            SigV4Outcome.AuthorizationHeaderMalformed,
            Parse(Request(Good.Replace(part, replaced, StringComparison.Ordinal)), out _, out _));

    [Fact]
    public void Components_may_stand_close_together() =>
        Assert.Equal(SigV4Outcome.Ok, Parse(Request(Good.Replace(", ", ",", StringComparison.Ordinal)), out _, out _));

    [Fact]
    public void A_signature_that_is_no_hex_does_not_match() =>
        Assert.Equal(
            SigV4Outcome.SignatureDoesNotMatch,
            Parse(Request(Good.Replace(Zeros, Zeros[1..] + "g", StringComparison.Ordinal)), out _, out _));

    [Fact]
    public void Every_amz_header_and_the_host_must_be_signed()
    {
        Assert.Equal(
            SigV4Outcome.UnsignedHeaders, Parse(Request(Good).With("X-Amz-Meta-A", "1"), out _, out var extra));
        Assert.Equal("x-amz-meta-a", extra);
        Assert.Equal(
            SigV4Outcome.UnsignedHeaders,
            Parse(Request(Good.Replace("host;", "", StringComparison.Ordinal)), out _, out var host));
        Assert.Equal("host", host);
        Assert.Equal(SigV4Outcome.Ok, Parse(Request(Good).With("content-type", "x"), out _, out _));
    }

    [Fact]
    public void A_date_header_serves_when_there_is_no_amz_date()
    {
        var request = new SignableRequest("GET", "/", SigV4Fixture.Host)
            .With("authorization", Good)
            .With("x-amz-content-sha256", PayloadModes.EmptyHash);
        Assert.Equal(SigV4Outcome.MissingDate, Parse(request, out _, out _));
        Assert.Equal(SigV4Outcome.MissingDate, Parse(request.With("date", "yesterday"), out _, out _));
        Assert.Equal(
            SigV4Outcome.Ok, Parse(request.With("date", "Fri, 24 May 2013 00:00:00 GMT"), out var claim, out _));
        Assert.Equal("20130524T000000Z", claim!.Timestamp);
        Assert.Equal(
            SigV4Outcome.MissingDate, Parse(request.With("x-amz-date", "2013-05-24T00:00:00Z"), out _, out _));
    }

    [Theory]
    [InlineData(null, SigV4Outcome.MissingContentSha256)]
    [InlineData("", SigV4Outcome.InvalidContentSha256)]
    [InlineData("e3b0", SigV4Outcome.InvalidContentSha256)]
    [InlineData("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", SigV4Outcome.InvalidContentSha256)]
    [InlineData("UNSIGNED-PAYLOAD", SigV4Outcome.Ok)]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SigV4Outcome.Ok)]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SigV4Outcome.Ok)]
    [InlineData("STREAMING-UNSIGNED-PAYLOAD-TRAILER", SigV4Outcome.Ok)]
    public void The_payload_must_be_described(string? payload, SigV4Outcome expected)
    {
        var request = new SignableRequest("GET", "/", SigV4Fixture.Host)
            .With("authorization", Good)
            .With("x-amz-date", "20130524T000000Z");
        if (payload is not null)
            request.With("x-amz-content-sha256", payload);
        Assert.Equal(expected, Parse(request, out _, out _));
    }

    [Theory]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=604801",
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than " +
        "604800 seconds")]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=99999999999999999999",
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than " +
        "604800 seconds")]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=-1", "X-Amz-Expires must be non-negative")]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=0", "X-Amz-Expires must be at least 1 second")]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=1h", "X-Amz-Expires should be a number")]
    [InlineData("X-Amz-Expires=3600&", "", null)]
    [InlineData("X-Amz-Expires=3600", "X-Amz-Expires=1&X-Amz-Expires=2", null)]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1",
        "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130524",
        "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")]
    [InlineData("%2Fs3%2F", "%2Fec2%2F",
        "Error parsing the X-Amz-Credential parameter; incorrect service \"ec2\". This endpoint belongs to \"s3\".")]
    [InlineData("%2F20130524%2F", "%2F20130523%2F",
        "Invalid credential date \"20130523\". This date is not the same as X-Amz-Date: \"20130524\".")]
    public void Wrong_query_parameters_are_refused_in_Amazons_words(string part, string replaced, string? detail)
    {
        var target = SigV4Fixture.Presigned("GET", "/b/k").Replace(part, replaced, StringComparison.Ordinal);
        Assert.Equal(
            SigV4Outcome.AuthorizationQueryParametersError,
            Parse(new SignableRequest("GET", target, SigV4Fixture.Host), out _, out var got));
        Assert.Equal(
            detail ?? "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, " +
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.", got);
    }

    [Fact]
    public void The_control_planes_service_is_its_own()
    {
        var request = Request(Good.Replace("/s3/", "/vault/", StringComparison.Ordinal));
        var options = new SigV4Options { Service = "vault" };
        Assert.Equal(SigV4Outcome.Ok, SigV4Parser.Parse(request, options, SigV4Fixture.Now, out _, out _));
        Assert.Equal(
            SigV4Outcome.AuthorizationHeaderMalformed,
            SigV4Parser.Parse(Request(Good), options, SigV4Fixture.Now, out _, out _));
    }

    [Theory]
    [InlineData("20130524T000000Z", true)]
    [InlineData("20240229T235959Z", true)]
    [InlineData("20230229T000000Z", false)]
    [InlineData("20130524T240000Z", false)]
    [InlineData("20131324T000000Z", false)]
    [InlineData("00000524T000000Z", false)]
    [InlineData("20130524t000000Z", false)]
    [InlineData("2013052 T000000Z", false)]
    public void Times_are_read_strictly(string text, bool valid)
    {
        Assert.Equal(valid, SigV4Time.TryParse(text, out var time));
        if (valid)
            Assert.Equal(text, SigV4Time.Format(time));
    }

    [Fact]
    public void Every_refusal_has_a_status_a_code_and_a_message()
    {
        foreach (var outcome in Enum.GetValues<SigV4Outcome>())
        {
            var error = SigV4Error.For(outcome);
            Assert.True(error.Status is 400 or 403 && error.Code.Length > 0 && error.Message.Length > 0);
        }
    }

    [Fact]
    public void Random_headers_and_queries_never_throw_and_never_verify()
    {
        var random = new Random(31);
        var presigned = SigV4Fixture.Presigned("GET", "/b/k");
        for (var round = 0; round < 20_000; round++)
        {
            Assert.NotEqual(SigV4Outcome.Ok, SigV4Fixture.Verify(Request(Mutate(Good, random))));
            var target = Mutate(presigned, random);
            var outcome = SigV4Fixture.Verify(new SignableRequest("GET", target, SigV4Fixture.Host));
            if (outcome == SigV4Outcome.Ok)
                Assert.Equal(Canonical(presigned), Canonical(target));
        }

        static string Canonical(string target)
        {
            var builder = new ByteBuilder(stackalloc byte[64]);
            CanonicalRequest.Append(ref builder, new SignableRequest("GET", target, "h"), "host", "P", true, false);
            return Convert.ToHexString(builder.Written);
        }
    }

    private static string Mutate(string text, Random random)
    {
        var characters = text.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(characters.Count);
            switch (random.Next(3))
            {
                case 0:
                    characters[at] = "=,;/& %AZaz09-\u00e9"[random.Next(15)];
                    break;
                case 1:
                    characters.RemoveAt(at);
                    break;
                default:
                    characters.Insert(at, characters[random.Next(characters.Count)]);
                    break;
            }
        }

        return new string([.. characters]);
    }

    private static SignableRequest Request(string authorization) =>
        new SignableRequest("GET", "/b/k", SigV4Fixture.Host)
            .With("authorization", authorization)
            .With("x-amz-date", "20130524T000000Z")
            .With("x-amz-content-sha256", PayloadModes.EmptyHash);

    private static SigV4Outcome Parse(SignableRequest request, out SigV4Claim? claim, out string? detail) =>
        SigV4Parser.Parse(request, SigV4Fixture.Options, SigV4Fixture.Now, out claim, out detail);
}
