using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Auth;

public sealed class SignatureTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Fact]
    public async Task A_wrong_secret_does_not_match()
    {
        var bucket = await vault.NewBucketAsync("key");
        var wrong = new WireClient(Client.Endpoint, Client.AccessKeyId,
            Client.SecretAccessKey[..^1] + (Client.SecretAccessKey[^1] == 'a' ? 'b' : 'a'));
        (await wrong.SendAsync("GET", $"/{bucket}/key")).Expect(403, "SignatureDoesNotMatch");
        (await wrong.SendAsync("PUT", $"/{bucket}/key", new byte[100])).Expect(403, "SignatureDoesNotMatch");
        (await wrong.SendAsync("HEAD", $"/{bucket}/key")).Expect(403);
        Assert.Equal("key", (await Client.SendAsync("GET", $"/{bucket}/key")).Text);
    }

    [Theory]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("kaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("x")]
    public async Task An_unknown_key_is_unknown(string id)
    {
        var unknown = new WireClient(Client.Endpoint, id, Client.SecretAccessKey);
        (await unknown.SendAsync("GET", "/")).Expect(403, "InvalidAccessKeyId");
    }

    [Fact]
    public async Task A_request_from_another_time_is_too_skewed()
    {
        foreach (var minutes in new[] { -16, 16 })
            (await Client.SendAsync("GET", "/", [], null, [], TimeSpan.FromMinutes(minutes)))
                .Expect(403, "RequestTimeTooSkewed");
        (await Client.SendAsync("GET", "/", [], null, [], TimeSpan.FromMinutes(-14))).Expect(200);
    }

    [Fact]
    public async Task Any_region_is_accepted()
    {
        var elsewhere = new WireClient(Client.Endpoint, Client.AccessKeyId, Client.SecretAccessKey, "mars-north-7");
        (await elsewhere.SendAsync("GET", "/")).Expect(200);
    }

    [Theory]
    [InlineData("GET /", "GET /?acl")]
    [InlineData("GET /", "DELETE /")]
    [InlineData("x-amz-meta-a: 1", "x-amz-meta-a: 2")]
    public async Task What_was_signed_cannot_be_changed(string from, string to)
    {
        var text = Encoding.UTF8.GetString(Client.Sign("GET", "/", [], ("x-amz-meta-a", "1")))
            .Replace(from, to, StringComparison.Ordinal);
        var answer = await Client.ExchangeAsync(Encoding.UTF8.GetBytes(text), false);
        Assert.Contains(answer.Status, new[] { 403, 405, 501 });
        if (answer.Status == 403)
            answer.Expect(403, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task An_amz_header_that_was_not_signed_is_refused()
    {
        var text = Encoding.UTF8.GetString(Client.Sign("GET", "/", []))
            .Replace("Connection: close", "x-amz-expected-bucket-owner: 1\r\nConnection: close",
            StringComparison.Ordinal);
        (await Client.ExchangeAsync(Encoding.UTF8.GetBytes(text), false)).Expect(403, "AccessDenied");
    }

    [Fact]
    public async Task Nobody_is_denied()
    {
        var bucket = await vault.NewBucketAsync("key");
        (await Client.SendUnsignedAsync("GET", "/")).Expect(403, "AccessDenied");
        (await Client.SendUnsignedAsync("GET", $"/{bucket}/key")).Expect(403, "AccessDenied");
        (await Client.SendUnsignedAsync("HEAD", $"/{bucket}/key")).Expect(403);
        (await Client.SendUnsignedAsync("PUT", $"/{bucket}/key", [1])).Expect(403, "AccessDenied");
    }

    [Theory]
    [InlineData("AWS AKID:signature", 400, "InvalidRequest")]
    [InlineData("AWS4-HMAC-SHA256", 400, "AuthorizationHeaderMalformed")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00", 400,
        "AuthorizationHeaderMalformed")]
    [InlineData("Basic dXNlcjpwYXNz", 400, "InvalidArgument")]
    [InlineData("Bearer AgEvaHR0cA", 400, "InvalidToken")]
    public async Task Other_authorizations_are_refused(string authorization, int status, string code) =>
        (await Client.SendUnsignedAsync("GET", "/", null, ("Authorization", authorization),
            ("x-amz-date", "20260101T000000Z"))).Expect(status, code);

    [Fact]
    public async Task A_stateless_credential_is_told_to_register() =>
        Assert.Contains("register", (await Client.SendAsync("GET", "/", null, ("x-amz-security-token", "AgEvaHR0cA")))
            .Expect(400, "InvalidToken").Value("Message"));

    [Theory]
    [InlineData("us-east-1/vault/aws4_request")]
    [InlineData("us-east-1/s3/aws5_request")]
    public async Task Another_scope_is_malformed(string scope)
    {
        var text = Encoding.UTF8.GetString(Client.Sign("GET", "/", []))
            .Replace("us-east-1/s3/aws4_request", scope, StringComparison.Ordinal);
        (await Client.ExchangeAsync(Encoding.UTF8.GetBytes(text), false)).Expect(400, "AuthorizationHeaderMalformed");
    }

    [Fact]
    public async Task A_header_signature_needs_its_payload_line()
    {
        var lines = Encoding.UTF8.GetString(Client.Sign("GET", "/", [])).Split("\r\n")
            .Where(line => !line.StartsWith("x-amz-content-sha256", StringComparison.Ordinal));
        (await Client.ExchangeAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines)), false)).Expect(400);
    }
}
