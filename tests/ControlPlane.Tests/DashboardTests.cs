using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.ControlPlane.Tests;

/// <summary>A program that has the dashboard.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private VaultProcess? _vault;

    public VaultProcess Vault => _vault!;

    public async ValueTask InitializeAsync() => _vault = await VaultProcess.StartAsync(
        null, new Dictionary<string, string> { ["Vault__Dashboard"] = "true" });

    public async ValueTask DisposeAsync()
    {
        if (_vault is not null) await _vault.DisposeAsync();
    }
}

/// <summary>The engine's dashboard and what stands before it.</summary>
public sealed class DashboardTests(ControlFixture plain, DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private const string SignIn = "/dashboard/sign-in";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData(SignIn)]
    [InlineData("/dashboard/DashboardCounters")]
    public async Task Unless_it_is_set_there_is_none(string path)
    {
        using var answer = await SendAsync(plain.Vault, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData("/DASHBOARD/index.html")]
    [InlineData("/dashboard/DashboardCounters")]
    [InlineData("/dashboard/no-such-page")]
    public async Task Without_a_session_people_get_the_form_and_programs_401(string path)
    {
        using var page = await SendAsync(fixture.Vault, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(SignIn, page.Headers.Location!.ToString());
        using var call = await SendAsync(
            fixture.Vault, HttpMethod.Get, path, cookie: $"vault-dashboard={new string('0', 64)}", accept: "*/*");
        Assert.Equal(HttpStatusCode.Unauthorized, call.StatusCode);
    }

    [Fact]
    public async Task Only_the_operators_macaroon_opens_a_session()
    {
        using var admin = new ControlClient(fixture.Vault.Control, fixture.Vault.AdminToken);
        var project = await MintAsync(
            admin, new JsonObject { ["project_id"] = fixture.Vault.ProjectId, ["ops"] = new JsonArray("admin") });
        var right = fixture.Vault.AdminToken;
        var forged = right[..^4] + (right[^4] == 'A' ? 'B' : 'A') + right[^3..];
        foreach (var (macaroon, status, why) in new[]
        {
            ("", HttpStatusCode.Unauthorized, "it cannot be read"),
            ("<b>nonsense</b>", HttpStatusCode.Unauthorized, "it cannot be read"),
            (forged, HttpStatusCode.Unauthorized, "its signature is wrong"),
            (project, HttpStatusCode.Forbidden, "it is for another project"),
        })
        {
            using var answer = await SignInAsync(fixture.Vault, macaroon);
            Assert.Equal(status, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            var page = await answer.Content.ReadAsStringAsync(Token);
            Assert.Contains(why, page, StringComparison.Ordinal);
            Assert.Contains("<form", page, StringComparison.Ordinal);
            if (macaroon.Length > 0) Assert.DoesNotContain(macaroon, page, StringComparison.Ordinal);
        }

        using var nothing = await SendAsync(fixture.Vault, HttpMethod.Post, SignIn, content: new StringContent("x=y"));
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
    }

    [Fact]
    public async Task A_session_shows_the_pages_until_it_is_signed_out()
    {
        using var opened = await SignInAsync(fixture.Vault, fixture.Vault.AdminToken);
        Assert.Equal(HttpStatusCode.SeeOther, opened.StatusCode);
        Assert.Equal("/dashboard/", opened.Headers.Location!.ToString());
        var set = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        foreach (var part in new[] { "; httponly", "; samesite=strict", "; path=/dashboard", "; max-age=28800" })
            Assert.Contains(part, set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", set, StringComparison.OrdinalIgnoreCase);
        var cookie = set[..set.IndexOf(';', StringComparison.Ordinal)];
        Assert.Equal("vault-dashboard=".Length + 64, cookie.Length);

        foreach (var (path, type) in new[]
        {
            ("/dashboard/", "text/html"), ("/dashboard/index.min.js", "text/javascript"),
            ("/dashboard/index.css", "text/css"), ("/dashboard/DashboardCounters", "application/json"),
            ("/dashboard/ClusterStats", "application/json"), ("/dashboard/Reminders", "application/json"),
            (SignIn, "text/html"),
        })
        {
            using var page = await SendAsync(fixture.Vault, HttpMethod.Get, path, cookie);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Equal(type, page.Content.Headers.ContentType!.MediaType);
            Assert.True(page.Headers.CacheControl!.NoStore);
            Assert.StartsWith(
                "default-src 'none'; script-src 'self';", page.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal);
        }

        foreach (var path in new[] { "/dashboard/Trace", "/dashboard/GrainState?grainId=x&grainType=y" })
        {
            using var page = await SendAsync(fixture.Vault, HttpMethod.Get, path, cookie);
            Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        }

        using (var elsewhere = await SendAsync(fixture.Vault, HttpMethod.Get, "/v1/tenants", cookie))
            Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using (var closed = await SendAsync(fixture.Vault, HttpMethod.Post, "/dashboard/sign-out", cookie))
        {
            Assert.Equal(HttpStatusCode.SeeOther, closed.StatusCode);
            Assert.StartsWith(
                "vault-dashboard=;", closed.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        }

        using var after = await SendAsync(fixture.Vault, HttpMethod.Get, "/dashboard/DashboardCounters", cookie, "*/*");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.DoesNotContain(cookie[^64..], fixture.Vault.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Vault.AdminToken, fixture.Vault.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_with_the_token_that_opened_it()
    {
        using var admin = new ControlClient(fixture.Vault.Control, fixture.Vault.AdminToken);
        var token = await MintAsync(admin, new JsonObject { ["ops"] = new JsonArray("admin") });
        using var opened = await SignInAsync(fixture.Vault, token);
        var set = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        var cookie = set[..set.IndexOf(';', StringComparison.Ordinal)];
        using (var page = await SendAsync(fixture.Vault, HttpMethod.Get, "/dashboard/", cookie))
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        await admin.SendAsync(HttpMethod.Post, "/v1/tokens/revoke", new JsonObject { ["token"] = token }, Token);
        using var after = await SendAsync(fixture.Vault, HttpMethod.Get, "/dashboard/", cookie);
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task Failed_sign_ins_count_as_failed_authentications_and_the_pages_of_a_session_as_no_anonymous_calls()
    {
        await using var vault = await VaultProcess.StartAsync(null, new Dictionary<string, string>
        {
            ["Vault__Dashboard"] = "true",
            ["ControlPlane__FailedAuthenticationsPerMinute"] = "3",
            ["ControlPlane__AnonymousCallsPerMinute"] = "20",
        });
        using var opened = await SignInAsync(vault, vault.AdminToken);
        var set = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        for (var i = 0; i < 30; i++)
        {
            using var page = await SendAsync(
                vault, HttpMethod.Get, "/dashboard/version", set[..set.IndexOf(';', StringComparison.Ordinal)]);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }

        for (var i = 0; i < 3; i++)
        {
            using var wrong = await SignInAsync(vault, "x" + i);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var right = await SignInAsync(vault, vault.AdminToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.NotNull(right.Headers.RetryAfter);
        Assert.False(right.Headers.Contains("Set-Cookie"));
    }

    private static async Task<string> MintAsync(ControlClient client, JsonObject body) =>
        (string)(await client.SendAsync(HttpMethod.Post, "/v1/tokens/macaroon", body, Token))["token"]!;

    private static Task<HttpResponseMessage> SignInAsync(VaultProcess vault, string macaroon) => SendAsync(
        vault, HttpMethod.Post, SignIn,
        content: new FormUrlEncodedContent(new Dictionary<string, string> { ["macaroon"] = macaroon }));

    private static async Task<HttpResponseMessage> SendAsync(
        VaultProcess vault, HttpMethod method, string path, string? cookie = null, string accept = "text/html",
        HttpContent? content = null)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(method, new Uri(vault.Control, path)) { Content = content };
        request.Headers.Accept.ParseAdd(accept);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        return await http.SendAsync(request, Token);
    }
}
