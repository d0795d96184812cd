using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Protocol.Credentials;
using Vault.Testing;

namespace Vault.ControlPlane.Tests;

public sealed class CredentialTests(ControlFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_further_credential_reads_what_the_first_wrote()
    {
        var project = await fixture.NewProjectAsync();
        using var owner = fixture.S3(project["credential"]!);
        var bucket = fixture.NewName("shared");
        await owner.CreateBucketAsync(bucket, Token);
        await owner.PutAsync(bucket, "key", "hello"u8.ToArray(), Token);
        var minted = await MintAsync(project["credential"]!, new JsonObject { ["label"] = "second" });
        using var second = fixture.S3(minted["credential"]!);
        Assert.Equal("hello"u8.ToArray(), await second.GetAsync(bucket, "key", Token));
    }

    [Fact]
    public async Task A_credential_for_one_bucket_opens_that_bucket_only_and_never_grows()
    {
        var project = await fixture.NewProjectAsync();
        using var owner = fixture.S3(project["credential"]!);
        var (mine, other) = (fixture.NewName("mine"), fixture.NewName("other"));
        foreach (var bucket in new[] { mine, other })
        {
            await owner.CreateBucketAsync(bucket, Token);
            await owner.PutAsync(bucket, "a/key", [7], Token);
        }

        var minted = await MintAsync(
            project["credential"]!, new JsonObject
            {
                ["buckets"] = new JsonArray(mine),
                ["ops"] = new JsonArray("get", "list", "put", "mint"),
                ["prefix"] = "a/",
            });
        using var limited = fixture.S3(minted["credential"]!);
        Assert.Equal([7], await limited.GetAsync(mine, "a/key", Token));
        await limited.PutAsync(mine, "a/new", [8], Token);
        Assert.Equal([8], await owner.GetAsync(mine, "a/new", Token));
        foreach (var (method, target) in new[]
        {
            ("GET", $"/{other}/a/key"), ("PUT", $"/{mine}/b/key"), ("DELETE", $"/{mine}/a/key"),
            ("PUT", $"/{fixture.NewName("made")}"),
        })
        {
            using var refused = await limited.SendAsync(
                method, target, method == "PUT" ? [] : null, cancellationToken: Token);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        Assert.Equal("forbidden", await ControlFixture.RefusalAsync(() => MintAsync(
            minted["credential"]!, new JsonObject { ["buckets"] = new JsonArray(other) })));
        Assert.Equal([7], await owner.GetAsync(mine, "a/key", Token));
    }

    [Fact]
    public async Task The_recovery_key_cannot_read_but_brings_the_project_back()
    {
        var project = await fixture.NewProjectAsync();
        var bucket = fixture.NewName("lost");
        using (var owner = fixture.S3(project["credential"]!))
        {
            await owner.CreateBucketAsync(bucket, Token);
            await owner.PutAsync(bucket, "key", [1], Token);
        }

        Assert.True(RecoveryKey.TryParse((string)project["recovery_key"]!, out var recovery));
        var credential = new JsonObject
        {
            ["access_key_id"] = recovery.Id.Reveal(),
            ["secret_access_key"] = recovery.Secret.Reveal(),
        };
        using (var direct = fixture.S3(credential))
        {
            using var refused = await direct.SendAsync("GET", $"/{bucket}/key", cancellationToken: Token);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using var back = fixture.S3(
            (await MintAsync(credential, new JsonObject { ["label"] = "back" }))["credential"]!);
        Assert.Equal([1], await back.GetAsync(bucket, "key", Token));
        recovery.Dispose();
    }

    [Fact]
    public async Task The_operators_macaroon_makes_no_credential_and_revokes_any()
    {
        var project = await fixture.NewProjectAsync();
        Assert.Equal("unauthenticated", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "POST", "/v1/credentials", [])));
        var id = (string)project["project"]!["project_id"]!;
        var listed = await ControlFixture.SendAsync(fixture.Operator, "GET", $"/v1/credentials?project_id={id}");
        Assert.Equal(2, listed["credentials"]!.AsArray().Count);
        var lookup = (string)project["credential"]!["lookup"]!;
        await ControlFixture.SendAsync(
            fixture.Operator, "POST", "/v1/credentials/revoke",
            new JsonObject { ["lookup"] = lookup, ["reason"] = "test" });
        using var s3 = fixture.S3(project["credential"]!);
        using var refused = await s3.SendAsync("GET", "/", cancellationToken: Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("InvalidAccessKeyId", await S3TestClient.CodeAsync(refused));
        Assert.Equal("unauthenticated", await ControlFixture.RefusalAsync(() => MintAsync(project["credential"]!, [])));
    }

    [Fact]
    public async Task Resolve_is_internal_and_gives_the_sealed_record_only()
    {
        var project = await fixture.NewProjectAsync();
        var lookup = new JsonObject { ["lookup"] = (string)project["credential"]!["lookup"]! };
        Assert.Equal("unauthenticated", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "POST", "/v1/credentials/resolve", (JsonObject)lookup.DeepClone())));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(fixture.Vault.Control, "/v1/credentials/resolve"))
        {
            Content = new StringContent(lookup.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("x-internal-token", ControlFixture.InternalToken);
        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain((string)project["credential"]!["secret_access_key"]!, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_minted_macaroon_narrows_and_dies_with_its_revoked_parent()
    {
        var project = await fixture.NewProjectAsync();
        var id = (string)project["project"]!["project_id"]!;
        using var root = new ControlClient(fixture.Vault.Control, (string)project["token"]!);
        var parent = (string)(await ControlFixture.SendAsync(
            root, "POST", "/v1/tokens/macaroon",
            new JsonObject { ["ttl_seconds"] = 600, ["ops"] = new JsonArray("admin", "mint") }))["token"]!;
        using var parentClient = new ControlClient(fixture.Vault.Control, parent);
        var child = (string)(await ControlFixture.SendAsync(parentClient, "POST", "/v1/tokens/macaroon", new JsonObject
        {
            ["ops"] = new JsonArray("admin"),
        }))["token"]!;
        using var childClient = new ControlClient(fixture.Vault.Control, child);
        await ControlFixture.SendAsync(childClient, "GET", $"/v1/projects/{id}");
        Assert.Equal("caveat_failed", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            childClient, "POST", "/v1/tokens/macaroon", [])));
        await ControlFixture.SendAsync(root, "POST", "/v1/tokens/revoke", new JsonObject { ["token"] = parent });
        Assert.Equal("unauthenticated", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            childClient, "GET", $"/v1/projects/{id}")));
        await ControlFixture.SendAsync(root, "GET", $"/v1/projects/{id}");
        Assert.Equal("bad_request", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            root, "POST", "/v1/tokens/macaroon", new JsonObject { ["ttl_seconds"] = 1 })));
    }

    private Task<JsonObject> MintAsync(JsonNode signer, JsonObject body)
    {
        var client = new ControlClient(fixture.Vault.Control, null);
        return client.SendSignedAsync(
            "/v1/credentials", body, (string)signer["access_key_id"]!, (string)signer["secret_access_key"]!,
            TimeProvider.System, Token);
    }
}
