using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;

namespace Vault.ControlPlane.Tests;

public sealed class AccountTests(ControlFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_is_made_read_changed_listed_and_deleted()
    {
        var id = await fixture.NewTenantAsync();
        var changed = await ControlFixture.SendAsync(
            fixture.Operator, "PATCH", $"/v1/tenants/{id}",
            new JsonObject { ["status"] = "suspended", ["limits"] = new JsonObject { ["projects"] = 3 } });
        Assert.Equal("suspended", (string)changed["tenant"]!["status"]!);
        Assert.Equal(3, (int)changed["tenant"]!["limits"]!["projects"]!);
        var listed = await ControlFixture.SendAsync(fixture.Operator, "GET", "/v1/tenants?limit=1000");
        Assert.Contains(listed["tenants"]!.AsArray(), t => (string)t!["tenant_id"]! == id);
        await ControlFixture.SendAsync(fixture.Operator, "DELETE", $"/v1/tenants/{id}");
        Assert.Equal("not_found", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "GET", $"/v1/tenants/{id}")));
    }

    [Fact]
    public async Task A_project_answers_its_credential_once_and_s3_knows_its_canonical_owner()
    {
        var created = await fixture.NewProjectAsync();
        var id = (string)created["project"]!["project_id"]!;
        Assert.StartsWith("vrk1", (string)created["recovery_key"]!, StringComparison.Ordinal);
        var read = await ControlFixture.SendAsync(fixture.Operator, "GET", $"/v1/projects/{id}");
        Assert.DoesNotContain("secret", read.ToJsonString(), StringComparison.Ordinal);
        using var s3 = fixture.S3(created["credential"]!);
        var bucket = fixture.NewName("owned");
        await s3.CreateBucketAsync(bucket, Token);
        using var answer = await s3.SendAsync("GET", "/", cancellationToken: Token);
        var list = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains((string)read["project"]!["canonical_id"]!, list, StringComparison.Ordinal);
        Assert.Contains(bucket, list, StringComparison.Ordinal);
        Assert.Equal("conflict", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "DELETE", $"/v1/projects/{id}")));
        using (await s3.SendAsync("DELETE", $"/{bucket}", cancellationToken: Token))
        {
        }

        await ControlFixture.SendAsync(fixture.Operator, "DELETE", $"/v1/projects/{id}");
    }

    [Fact]
    public async Task One_project_never_sees_the_buckets_of_another()
    {
        using var first = fixture.S3((await fixture.NewProjectAsync())["credential"]!);
        using var second = fixture.S3((await fixture.NewProjectAsync())["credential"]!);
        var bucket = fixture.NewName("private");
        await first.CreateBucketAsync(bucket, Token);
        await first.PutAsync(bucket, "key", [1, 2, 3], Token);
        using var read = await second.SendAsync("GET", $"/{bucket}/key", cancellationToken: Token);
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        using var write = await second.SendAsync("PUT", $"/{bucket}/key", [4], cancellationToken: Token);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
        using var taken = await second.SendAsync("PUT", $"/{bucket}", [], cancellationToken: Token);
        Assert.Equal("BucketAlreadyExists", await Testing.S3TestClient.CodeAsync(taken));
        Assert.Equal([1, 2, 3], await first.GetAsync(bucket, "key", Token));
    }

    [Fact]
    public async Task The_operators_calls_refuse_a_tenants_and_a_projects_token()
    {
        var created = await fixture.NewProjectAsync();
        var tenant = (string)created["project"]!["tenant_id"]!;
        var id = (string)created["project"]!["project_id"]!;
        using var project = new ControlClient(fixture.Vault.Control, (string)created["token"]!);
        Assert.Equal(
            id,
            (string)(await ControlFixture.SendAsync(project, "GET", $"/v1/projects/{id}"))["project"]!["project_id"]!);
        Assert.Equal(
            "caveat_failed",
            await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(project, "GET", "/v1/tenants")));
        var other = (string)(await fixture.NewProjectAsync())["project"]!["project_id"]!;
        Assert.Equal(
            "caveat_failed",
            await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(project, "GET", $"/v1/projects/{other}")));
        Assert.Equal("caveat_failed", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            project, "POST", "/v1/projects",
            new JsonObject { ["tenant_id"] = tenant, ["name"] = "another", ["billing_email"] = "x@example.test" })));
        using var nobody = new ControlClient(fixture.Vault.Control, null);
        Assert.Equal(
            "unauthenticated",
            await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(nobody, "GET", "/v1/tenants")));
    }

    [Theory]
    [InlineData(
        """{"tenant_id":"ten_00000000000000000000","name":"abc","billing_email":"q@example.test"}""", "not_found")]
    [InlineData("""{"tenant_id":"nonsense","name":"abc","billing_email":"q@example.test"}""", "not_found")]
    [InlineData(
        """{"tenant_id":"ten_00000000000000000000","name":"a","billing_email":"q@example.test"}""", "bad_request")]
    [InlineData("""{"tenant_id":"ten_00000000000000000000","name":"abc","billing_email":"nobody"}""", "bad_request")]
    [InlineData(
        """{"tenant_id":"ten_00000000000000000000","name":"abc","billing_email":"q@example.test","encryption":"managed"}""",
        "bad_request")]
    [InlineData("""{"tenant_id":"ten_00000000000000000000","unknown":1}""", "bad_request")]
    [InlineData("""[]""", "bad_request")]
    [InlineData("""{""", "bad_request")]
    public async Task A_project_with_a_wrong_body_is_refused_by_name(string body, string code)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fixture.Vault.Control, "/v1/projects"))
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", fixture.Vault.AdminToken);
        using var answer = await http.SendAsync(request, Token);
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(code, (string)json["error"]!["code"]!);
        Assert.Equal(answer.Headers.GetValues("x-request-id").Single(), (string)json["request_id"]!);
    }

    [Theory]
    [InlineData("/v1/tenants", """{"name":"t","owner_email":"a@example.test","limits":{"projects":-1}}""", "limits")]
    [InlineData("/v1/tenants", """{"name":"t","owner_email":"a@b.test","limits":{"storage_bytes":-1}}""", "limits")]
    [InlineData("/v1/tenants", """{"name":"t\u0000","owner_email":"a@example.test"}""", "name")]
    [InlineData("/v1/tenants", """{"name":"t\u001b[2J","owner_email":"a@example.test"}""", "name")]
    [InlineData("/v1/tenants", """{"name":"t","owner_email":"a\u0000@example.test"}""", "owner_email")]
    [InlineData("/v1/projects", """{"tenant_id":"@","name":"a\nb","billing_email":"a@example.test"}""", "name")]
    [InlineData(
        "/v1/projects", """{"tenant_id":"@","name":"abc","billing_email":"a@b.test","quota":{"rps":-5}}""", "quota")]
    [InlineData("/v1/tokens/macaroon", """{"label":"a\u0007"}""", "label")]
    [InlineData("/v1/tokens/macaroon", """{"max_size":-1}""", "max_size")]
    public async Task Negative_limits_and_control_characters_are_refused_by_name(string path, string body, string named)
    {
        body = body.Replace("@\"", (path == "/v1/projects" ? await fixture.NewTenantAsync() : "@") + "\"",
            StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<ControlException>(() => ControlFixture.SendAsync(
            fixture.Operator, "POST", path, JsonNode.Parse(body)!.AsObject()));
        Assert.Equal("bad_request", refusal.Code);
        Assert.StartsWith(named + ":", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_refuse_negative_limits_too()
    {
        var project = (await fixture.NewProjectAsync())["project"]!;
        var negative = new JsonObject { ["limits"] = new JsonObject { ["projects"] = -1 } };
        Assert.Equal("bad_request", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "PATCH", $"/v1/tenants/{project["tenant_id"]}", negative)));
        negative = new JsonObject { ["quota"] = new JsonObject { ["buckets"] = -1 } };
        Assert.Equal("bad_request", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
            fixture.Operator, "PATCH", $"/v1/projects/{project["project_id"]}", negative)));
    }

    [Fact]
    public async Task Every_list_refuses_limits_out_of_range_and_cursors_it_did_not_make()
    {
        var id = (string)(await fixture.NewProjectAsync())["project"]!["project_id"]!;
        foreach (var list in new[]
        {
            "tenants?", "projects?", $"credentials?project_id={id}&", $"tokens?project_id={id}&", "tokens?",
        })
        {
            foreach (var wrong in new[] { "limit=0", "limit=-1", "limit=1001", "limit=many", "cursor=junk" })
            {
                Assert.Equal("bad_request", await ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(
                    fixture.Operator, "GET", $"/v1/{list}{wrong}")));
            }

            await ControlFixture.SendAsync(fixture.Operator, "GET", $"/v1/{list}limit=1");
            await ControlFixture.SendAsync(fixture.Operator, "GET", $"/v1/{list}limit=1000");
        }

        await fixture.NewTenantAsync();
        var first = await ControlFixture.SendAsync(fixture.Operator, "GET", "/v1/tenants?limit=1");
        var second = await ControlFixture.SendAsync(
            fixture.Operator, "GET", $"/v1/tenants?limit=1&cursor={first["next_cursor"]}");
        Assert.NotEqual(
            (string)first["tenants"]![0]!["tenant_id"]!, (string)second["tenants"]![0]!["tenant_id"]!);
    }

    [Fact]
    public async Task A_repeated_idempotency_key_repeats_the_answer_and_never_a_secret()
    {
        using var http = new HttpClient();
        var key = fixture.NewName("key");
        var tenant = await fixture.NewTenantAsync();
        async Task<(HttpStatusCode Status, string Body)> SendAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fixture.Vault.Control, path))
            {
                Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new("Bearer", fixture.Vault.AdminToken);
            request.Headers.Add("Idempotency-Key", key + path.Replace('/', '-'));
            using var answer = await http.SendAsync(request, Token);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
        }

        const string named = """{"name":"twice","owner_email":"a@example.test"}""";
        var first = await SendAsync("/v1/tenants", named);
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first, await SendAsync("/v1/tenants", named));
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await SendAsync("/v1/tenants", named.Replace("twice", "other", StringComparison.Ordinal))).Status);
        var project = $$"""{"tenant_id":"{{tenant}}","name":"idem","billing_email":"{{key}}@example.test"}""";
        var made = await SendAsync("/v1/projects", project);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var replay = await SendAsync("/v1/projects", project);
        Assert.Equal(HttpStatusCode.Conflict, replay.Status);
        Assert.DoesNotContain(
            (string)JsonNode.Parse(made.Body)!["credential"]!["secret_access_key"]!, replay.Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_lists_the_calls()
    {
        using var http = new HttpClient();
        var document = JsonNode.Parse(
            await http.GetStringAsync(new Uri(fixture.Vault.Control, "/openapi/v1.json"), Token))!;
        Assert.NotNull(document["paths"]!["/v1/projects"]!["post"]);
        Assert.NotNull(document["paths"]!["/v1/credentials"]!["post"]);
        Assert.NotNull(document["paths"]!["/v1/tokens"]!["get"]);
        using var unknown = await http.GetAsync(new Uri(fixture.Vault.Control, "/v1/nothing"), Token);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var method = await http.PutAsync(new Uri(fixture.Vault.Control, "/v1/tenants"), null, Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
    }
}
