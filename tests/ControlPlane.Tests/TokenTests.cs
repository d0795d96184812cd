using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.ControlPlane.Tests;

public sealed class TokenTests(ControlFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Minted_tokens_are_listed_by_identifier_and_label_and_page_by_page_never_as_tokens()
    {
        var project = await fixture.NewProjectAsync();
        var id = ProjectOf(project);
        using var root = Client((string)project["token"]!);
        var minted = new List<(string Identifier, string Text)>();
        foreach (var label in new[] { "ci", "laptop", "ci" })
        {
            var answer = await MintAsync(root, new JsonObject { ["label"] = label, ["ttl_seconds"] = 600 });
            minted.Add(((string)answer["identifier"]!, (string)answer["token"]!));
        }

        var all = await ListAsync(root, id);
        Assert.Equal(4, all.Count);
        Assert.Equal(
            "ci,ci,laptop,root", string.Join(',', all.Select(t => (string)t["label"]!).Order(StringComparer.Ordinal)));
        Assert.All(minted, m => Assert.Contains(
            all, t => (string)t["identifier"]! == m.Identifier && t["expires_at"] is not null));
        Assert.All(minted, m => Assert.DoesNotContain(
            m.Text, string.Concat(all.Select(t => t.ToJsonString())), StringComparison.Ordinal));

        var pages = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ControlFixture.SendAsync(
                root, "GET", $"/v1/tokens?project_id={id}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            pages.AddRange(page["tokens"]!.AsArray().Select(t => (string)t!["identifier"]!));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);
        Assert.Equal(all.Select(t => (string)t["identifier"]!), pages);
        Assert.Equal("bad_request", await RefusalAsync(root, "GET", $"/v1/tokens?project_id={id}&cursor=x"));
    }

    [Fact]
    public async Task A_token_revoked_by_identifier_dies_with_its_children_and_its_siblings_live()
    {
        var project = await fixture.NewProjectAsync();
        var id = ProjectOf(project);
        using var root = Client((string)project["token"]!);
        var first = await MintAsync(root, new JsonObject { ["label"] = "first" });
        var second = await MintAsync(root, new JsonObject { ["label"] = "second" });
        using var firstClient = Client((string)first["token"]!);
        using var secondClient = Client((string)second["token"]!);
        using var child = Client((string)(await MintAsync(firstClient, []))["token"]!);
        await ControlFixture.SendAsync(child, "GET", $"/v1/projects/{id}");
        await ControlFixture.SendAsync(
            root, "POST", "/v1/tokens/revoke", new JsonObject { ["identifier"] = (string)first["identifier"]! });
        foreach (var dead in new[] { firstClient, child })
        {
            Assert.Equal("unauthenticated", await RefusalAsync(dead, "GET", $"/v1/projects/{id}"));
        }

        foreach (var alive in new[] { root, secondClient })
        {
            await ControlFixture.SendAsync(alive, "GET", $"/v1/projects/{id}");
        }

        var listed = await ListAsync(root, id);
        Assert.NotNull(listed.Single(t => (string)t["label"]! == "first")["revoked_at"]);
        Assert.Null(listed.Single(t => (string)t["label"]! == "second")["revoked_at"]);
        var unknown = new JsonObject { ["identifier"] = new string('a', 64) };
        Assert.Equal("not_found", await RefusalAsync(root, "POST", "/v1/tokens/revoke", unknown));
    }

    [Fact]
    public async Task A_credentials_token_identifier_revokes_it_and_no_other()
    {
        var project = await fixture.NewProjectAsync();
        var id = ProjectOf(project);
        var listed = await ControlFixture.SendAsync(fixture.Operator, "GET", $"/v1/credentials?project_id={id}");
        var owner = listed["credentials"]!.AsArray().Single(c => (string)c!["label"]! == "owner")!;
        var identifier = (string)owner["token_identifier"]!;
        await ControlFixture.SendAsync(
            fixture.Operator,
            "POST",
            "/v1/tokens/revoke",
            new JsonObject { ["identifier"] = identifier, ["project_id"] = id });
        using var s3 = fixture.S3(project["credential"]!);
        using var refused = await s3.SendAsync("GET", "/", cancellationToken: Token);
        Assert.Equal("InvalidAccessKeyId", await S3TestClient.CodeAsync(refused));
        using var root = Client((string)project["token"]!);
        await ControlFixture.SendAsync(root, "GET", $"/v1/projects/{id}");
    }

    [Fact]
    public async Task A_project_neither_lists_nor_revokes_the_tokens_of_another()
    {
        var (mine, other) = (await fixture.NewProjectAsync(), await fixture.NewProjectAsync());
        using var me = Client((string)mine["token"]!);
        using var them = Client((string)other["token"]!);
        var theirs = await MintAsync(them, new JsonObject { ["label"] = "theirs" });
        Assert.Equal("caveat_failed", await RefusalAsync(me, "GET", $"/v1/tokens?project_id={ProjectOf(other)}"));
        Assert.Equal("caveat_failed", await RefusalAsync(me, "GET", "/v1/tokens"));
        var identifier = (string)theirs["identifier"]!;
        Assert.Equal("not_found", await RefusalAsync(
            me, "POST", "/v1/tokens/revoke", new JsonObject { ["identifier"] = identifier }));
        var foreign = new JsonObject { ["identifier"] = identifier, ["project_id"] = ProjectOf(other) };
        Assert.Equal("caveat_failed", await RefusalAsync(me, "POST", "/v1/tokens/revoke", foreign));
        Assert.Equal("caveat_failed", await RefusalAsync(
            me, "POST", "/v1/tokens/revoke", new JsonObject { ["token"] = (string)theirs["token"]! }));

        // Its own set takes any tail, and only its own tokens are looked up there.
        await ControlFixture.SendAsync(me, "POST", "/v1/tokens/revoke", new JsonObject { ["tail"] = identifier });
        using var alive = Client((string)theirs["token"]!);
        await ControlFixture.SendAsync(alive, "GET", $"/v1/projects/{ProjectOf(other)}");
    }

    [Fact]
    public async Task A_tenant_lists_its_projects_tokens_and_the_operator_those_without_a_project()
    {
        var project = await fixture.NewProjectAsync();
        var tenant = (string)project["project"]!["tenant_id"]!;
        var label = fixture.NewName("operators");
        var mine = await MintAsync(fixture.Operator, new JsonObject { ["label"] = label });
        Assert.Contains(
            await ListAsync(fixture.Operator, null), t => (string)t["identifier"]! == (string)mine["identifier"]!);
        var macaroon = Protocol.Macaroons.Macaroon.TryParse(fixture.Vault.AdminToken, out var parsed)
            ? parsed!.WithCaveat(Protocol.Macaroons.Caveat.Tenant(tenant)).ToText() : "";
        using var tenants = Client(macaroon);
        Assert.Equal("root", (string)Assert.Single(await ListAsync(tenants, ProjectOf(project)))["label"]!);
        Assert.Equal("caveat_failed", await RefusalAsync(tenants, "GET", "/v1/tokens"));
        var other = ProjectOf(await fixture.NewProjectAsync());
        Assert.Equal("caveat_failed", await RefusalAsync(tenants, "GET", $"/v1/tokens?project_id={other}"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"identifier":"zz"}""")]
    [InlineData("""{"tail":"00"}""")]
    [InlineData("""{"tail":"0000000000000000000000000000000000000000000000000000000000000000","token":"x"}""")]
    public async Task A_revocation_that_names_nothing_or_two_things_is_refused(string body)
    {
        using var root = Client((string)(await fixture.NewProjectAsync())["token"]!);
        Assert.Equal(
            "bad_request", await RefusalAsync(root, "POST", "/v1/tokens/revoke", JsonNode.Parse(body)!.AsObject()));
    }

    private ControlClient Client(string token) => new(fixture.Vault.Control, token);

    private static string ProjectOf(JsonObject created) => (string)created["project"]!["project_id"]!;

    private static Task<JsonObject> MintAsync(ControlClient client, JsonObject body) =>
        ControlFixture.SendAsync(client, "POST", "/v1/tokens/macaroon", body);

    private static Task<string> RefusalAsync(
        ControlClient client, string method, string path, JsonObject? body = null) =>
        ControlFixture.RefusalAsync(() => ControlFixture.SendAsync(client, method, path, body));

    private static async Task<List<JsonNode>> ListAsync(ControlClient client, string? project) =>
        [.. (await ControlFixture.SendAsync(
            client, "GET", $"/v1/tokens?limit=1000{(project is null ? "" : $"&project_id={project}")}"))["tokens"]!
            .AsArray().Select(t => t!)];
}
