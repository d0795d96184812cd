using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Auth;

public sealed class PresignedTests(VaultFixture vault)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private WireClient Client => vault.Client;

    [Fact]
    public async Task A_presigned_get_and_put_work_and_may_be_repeated()
    {
        var bucket = await vault.NewBucketAsync();
        var put = Client.Presign("PUT", $"/{bucket}/key", Minute);
        (await Client.SendUnsignedAsync("PUT", put, "one"u8.ToArray())).Expect(200);
        (await Client.SendUnsignedAsync("PUT", put, "two"u8.ToArray())).Expect(200);
        var get = Client.Presign("GET", $"/{bucket}/key?response-content-type=a%2Fb", Minute);
        for (var i = 0; i < 2; i++)
        {
            var got = (await Client.SendUnsignedAsync("GET", get)).Expect(200);
            Assert.Equal(("two", "a/b"), (got.Text, got["Content-Type"]));
        }

        Assert.Equal("tw", (await Client.SendUnsignedAsync("GET", get, null, ("Range", "bytes=0-1"))).Expect(206).Text);
        var big = VaultFixture.Bytes(100_000);
        (await Client.SendUnsignedAsync("PUT", Client.Presign("PUT", $"/{bucket}/big", Minute), big)).Expect(200);
        Assert.Equal(big, (await Client.SendUnsignedAsync("GET",
            Client.Presign("GET", $"/{bucket}/big", Minute))).Body);
    }

    [Fact]
    public async Task It_fails_after_its_expiry_and_before_its_time()
    {
        var bucket = await vault.NewBucketAsync("key");
        var now = TimeProvider.System.GetUtcNow();
        var expired = (await Client.SendUnsignedAsync("GET",
            Client.Presign("GET", $"/{bucket}/key", Minute, now - Minute - Minute))).Expect(403, "AccessDenied");
        Assert.Equal("Request has expired", expired.Value("Message"));
        (await Client.SendUnsignedAsync("GET", Client.Presign("GET", $"/{bucket}/key", Minute, now.AddHours(1))))
            .Expect(403, "AccessDenied");
        (await Client.SendUnsignedAsync("GET", Client.Presign("GET", $"/{bucket}/key", TimeSpan.FromDays(8))))
            .Expect(400, "AuthorizationQueryParametersError");
        (await Client.SendUnsignedAsync("GET", Client.Presign("GET", $"/{bucket}/key", TimeSpan.FromDays(7))))
            .Expect(200);
    }

    [Fact]
    public async Task It_fails_with_another_method_key_host_or_query()
    {
        var bucket = await vault.NewBucketAsync("key", "other");
        var get = Client.Presign("GET", $"/{bucket}/key", Minute);
        (await Client.SendUnsignedAsync("PUT", get, [1])).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("DELETE", get)).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("GET", get.Replace("/key?", "/other?", StringComparison.Ordinal)))
            .Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("GET", get, null, ("Host", "evil.test"))).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("GET", get + "&response-content-type=a")).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("GET",
            get.Replace("X-Amz-Expires=60", "X-Amz-Expires=61", StringComparison.Ordinal)))
            .Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("GET", get[..^1] + (get[^1] == '0' ? '1' : '0')))
            .Expect(403, "SignatureDoesNotMatch");
        Assert.Equal("key", (await Client.SendUnsignedAsync("GET", get)).Text);
    }

    [Fact]
    public async Task A_header_that_was_signed_must_come_along()
    {
        var bucket = await vault.NewBucketAsync();
        var put = Client.Presign("PUT", $"/{bucket}/key", Minute, null, ("content-type", "text/plain"));
        (await Client.SendUnsignedAsync("PUT", put, [1])).Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("PUT", put, [1], ("Content-Type", "text/html")))
            .Expect(403, "SignatureDoesNotMatch");
        (await Client.SendUnsignedAsync("PUT", put, [1], ("x-amz-meta-a", "1"), ("Content-Type", "text/plain")))
            .Expect(403, "AccessDenied");
        (await Client.SendUnsignedAsync("PUT", put, [1], ("Content-Type", "text/plain"))).Expect(200);
    }

    [Fact]
    public async Task Headers_in_the_query_count_as_sent()
    {
        var bucket = await vault.NewBucketAsync("source");
        var copy = Client.Presign("PUT", $"/{bucket}/copy?x-amz-copy-source=%2F{bucket}%2Fsource", Minute);
        (await Client.SendUnsignedAsync("PUT", copy, [])).Expect(200);
        Assert.Equal("source", (await Client.SendAsync("GET", $"/{bucket}/copy")).Expect(200).Text);
        foreach (var bad in new[] { "x-amz-meta-a=1%0D%0AEvil%3A%201", "x-amz-meta-a%20b=1", "x-amz-meta-%C3%BC=1" })
        {
            var put = Client.Presign("PUT", $"/{bucket}/bad?{bad}", Minute);
            (await Client.SendUnsignedAsync("PUT", put, [1])).Expect(400, "InvalidArgument");
        }

        var other = Client.Presign("PUT", $"/{bucket}/k?x-amz-meta-a=query", Minute, null, ("x-amz-meta-a", "header"));
        (await Client.SendUnsignedAsync("PUT", other, [1], ("x-amz-meta-a", "header"))).Expect(200);
        Assert.Equal("header", (await Client.SendAsync("HEAD", $"/{bucket}/k"))["x-amz-meta-a"]);
    }

    [Fact]
    public async Task Header_and_query_together_are_refused()
    {
        var get = Client.Presign("GET", "/", Minute);
        var text = Encoding.UTF8.GetString(Client.Sign("GET", get, []));
        (await Client.ExchangeAsync(Encoding.UTF8.GetBytes(text), false)).Expect(400, "InvalidArgument");
    }

    [Fact]
    public async Task Missing_parameters_are_named()
    {
        var get = Client.Presign("GET", "/", Minute);
        foreach (var name in new[] { "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
            "X-Amz-Signature" })
        {
            var start = get.IndexOf(name, StringComparison.Ordinal);
            var end = get.IndexOf('&', start);
            var without = get[..start] + (end < 0 ? "" : get[(end + 1)..]);
            (await Client.SendUnsignedAsync("GET", without)).Expect(400, "AuthorizationQueryParametersError");
        }
    }
}
