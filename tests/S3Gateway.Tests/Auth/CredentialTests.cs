using System.Globalization;
using System.Text;
using System.Text.Json;
using Vault.Protocol.SigV4;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Auth;

/// <summary>Narrowed and revoked credentials, made through the control plane as their owners make them.</summary>
public sealed class CredentialTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Fact]
    public async Task A_revoked_credential_is_unknown_also_in_presigned_urls()
    {
        var bucket = await vault.NewBucketAsync("key");
        var (narrow, lookup) = await MintAsync("""{"label":"r"}""");
        var get = narrow.Presign("GET", $"/{bucket}/key", TimeSpan.FromHours(1));
        (await narrow.SendAsync("GET", $"/{bucket}/key")).Expect(200);
        (await narrow.SendUnsignedAsync("GET", get)).Expect(200);
        await RevokeAsync(lookup);
        (await narrow.SendAsync("GET", $"/{bucket}/key")).Expect(403, "InvalidAccessKeyId");
        (await narrow.SendUnsignedAsync("GET", get)).Expect(403, "InvalidAccessKeyId");
        (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200);
    }

    [Fact]
    public async Task A_reader_reads_and_does_not_write()
    {
        var bucket = await vault.NewBucketAsync("key");
        var (reader, _) = await MintAsync("""{"label":"r","ops":["read"]}""");
        Assert.Equal("key", (await reader.SendAsync("GET", $"/{bucket}/key")).Expect(200).Text);
        (await reader.SendAsync("HEAD", $"/{bucket}/key")).Expect(200);
        (await reader.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200);
        (await reader.SendAsync("GET", $"/{bucket}/none")).Expect(404, "NoSuchKey");
        (await reader.SendAsync("PUT", $"/{bucket}/key", [1])).Expect(403, "AccessDenied");
        (await reader.SendAsync("DELETE", $"/{bucket}/key")).Expect(403, "AccessDenied");
        (await reader.SendAsync("POST", $"/{bucket}/key?uploads")).Expect(403, "AccessDenied");
        (await reader.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", $"/{bucket}/key")))
            .Expect(403, "AccessDenied");
        (await reader.SendAsync("PUT", "/another-new-bucket")).Expect(403, "AccessDenied");
        (await reader.SendAsync("DELETE", $"/{bucket}")).Expect(403, "AccessDenied");
        var document = Encoding.UTF8.GetBytes("<Delete><Object><Key>key</Key></Object></Delete>");
        var deletion = await reader.SendAsync("POST", $"/{bucket}?delete", document,
            ("content-md5", Convert.ToBase64String(VaultFixture.Md5(document))));
        Assert.Equal("AccessDenied", deletion.Expect(200).Value("Code"));
        Assert.Equal("key", (await Client.SendAsync("GET", $"/{bucket}/key")).Text);
    }

    [Fact]
    public async Task Who_may_not_list_does_not_learn_what_is_missing()
    {
        var bucket = await vault.NewBucketAsync("key");
        var (getter, _) = await MintAsync("""{"label":"g","ops":["get"]}""");
        (await getter.SendAsync("GET", $"/{bucket}/key")).Expect(200);
        (await getter.SendAsync("GET", $"/{bucket}/none")).Expect(403, "AccessDenied");
    }

    [Fact]
    public async Task A_writer_does_not_read_what_it_copies()
    {
        var bucket = await vault.NewBucketAsync("key");
        var (writer, _) = await MintAsync("""{"label":"w","ops":["put"]}""");
        (await writer.SendAsync("PUT", $"/{bucket}/new", [1])).Expect(200);
        (await writer.SendAsync("GET", $"/{bucket}/key")).Expect(403, "AccessDenied");
        (await writer.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", $"/{bucket}/key")))
            .Expect(403, "AccessDenied");
    }

    [Fact]
    public async Task A_credential_for_one_bucket_sees_only_that()
    {
        var (bucket, other) = (await vault.NewBucketAsync("key"), await vault.NewBucketAsync("key"));
        var (one, _) = await MintAsync($$"""{"label":"b","buckets":["{{bucket}}"]}""");
        Assert.Equal("key", (await one.SendAsync("GET", $"/{bucket}/key")).Expect(200).Text);
        (await one.SendAsync("PUT", $"/{bucket}/new", VaultFixture.Bytes(9000))).Expect(200);
        (await one.SendAsync("GET", $"/{other}/key")).Expect(403, "AccessDenied");
        (await one.SendAsync("PUT", $"/{other}/new", [1])).Expect(403, "AccessDenied");
        Assert.Equal([bucket], (await one.SendAsync("GET", "/")).Expect(200).Values("Name"));
        Assert.Equal(9000, (await Client.SendAsync("GET", $"/{bucket}/new")).Body.Length);
    }

    [Fact]
    public async Task A_credential_for_a_prefix_stays_inside()
    {
        var bucket = await vault.NewBucketAsync("a/1", "b/1");
        var (inside, _) = await MintAsync("""{"label":"p","prefix":"a/"}""");
        (await inside.SendAsync("GET", $"/{bucket}/a/1")).Expect(200);
        (await inside.SendAsync("GET", $"/{bucket}/b/1")).Expect(403, "AccessDenied");
        (await inside.SendAsync("PUT", $"/{bucket}/a/2", [1])).Expect(200);
        (await inside.SendAsync("PUT", $"/{bucket}/b/2", [1])).Expect(403, "AccessDenied");
        (await inside.SendAsync("GET", $"/{bucket}?list-type=2&prefix=a%2F")).Expect(200);
        (await inside.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(403, "AccessDenied");
        (await inside.SendAsync("PUT", $"/{bucket}/a/3", [], ("x-amz-copy-source", $"/{bucket}/b/1")))
            .Expect(403, "AccessDenied");
    }

    [Fact]
    public async Task A_credential_from_elsewhere_is_denied()
    {
        var (far, _) = await MintAsync("""{"label":"i","ip_cidr":"203.0.113.0/24"}""");
        (await far.SendAsync("GET", "/")).Expect(403, "AccessDenied");
    }

    [Theory]
    [InlineData("203.0.113.7", 200)]
    [InlineData("203.0.113.7:4711", 200)]
    [InlineData("198.51.100.1, 203.0.113.7", 200)]
    [InlineData("203.0.113.7, 127.0.0.9, 2001:db8::1", 200)]
    [InlineData("203.0.113.7, 198.51.100.1", 403)]
    [InlineData("203.0.113.7, nonsense", 403)]
    [InlineData("198.51.100.1", 403)]
    [InlineData("", 403)]
    public async Task A_credential_for_an_address_knows_the_client_behind_a_trusted_proxy(string forwarded, int status)
    {
        var bucket = await vault.NewBucketAsync("key");
        var (local, _) = await MintAsync("""{"label":"ip","ip_cidr":"203.0.113.0/24"}""");
        (await local.SendAsync("GET", $"/{bucket}/key", null, ("x-forwarded-for", forwarded))).Expect(status);
    }

    private async Task<(WireClient Client, string Lookup)> MintAsync(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var request = new SignableRequest("POST", "/v1/credentials", vault.Process.Control.Authority)
            .With("content-type", "application/json").With("idempotency-key", Guid.NewGuid().ToString());
        using var signer = new SigV4Signer(Client.AccessKeyId, Client.SecretAccessKey, "us-east-1", "vault");
        using var chain = signer.Sign(request,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)),
            TimeProvider.System.GetUtcNow());
        var answer = await SendAsync(HttpMethod.Post, "/v1/credentials", body, request.Headers);
        var credential = answer.GetProperty("credential");
        return (
            new(Client.Endpoint, credential.GetProperty("access_key_id").GetString()!,
                credential.GetProperty("secret_access_key").GetString()!),
            credential.GetProperty("lookup").GetString()!);
    }

    private Task<JsonElement> RevokeAsync(string lookup) => SendAsync(
        HttpMethod.Post, "/v1/credentials/revoke",
        Encoding.UTF8.GetBytes($$"""{"lookup":"{{lookup}}","reason":"test"}"""),
        new Dictionary<string, string>
        {
            ["authorization"] = "Bearer " + vault.Process.AdminToken,
            ["content-type"] = "application/json",
            ["idempotency-key"] = Guid.NewGuid().ToString(),
        });

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, byte[] body, IReadOnlyDictionary<string,
        string> headers)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(body);
        using var message = new HttpRequestMessage(method, new Uri(vault.Process.Control, path)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (name != "host" && !message.Headers.TryAddWithoutValidation(name, value))
                content.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(message);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode,
            string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}: {text}"));
        return JsonDocument.Parse(text).RootElement;
    }
}
