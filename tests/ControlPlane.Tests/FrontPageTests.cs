using System.Net;
using System.Text.Json.Nodes;

namespace Vault.ControlPlane.Tests;

/// <summary>What somebody finds who opens the control port.</summary>
public sealed class FrontPageTests(ControlFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_gets_a_page_that_says_what_is_where_and_needs_nothing_else()
    {
        using var answer = await SendAsync(HttpMethod.Get, "text/html,application/xhtml+xml,*/*;q=0.8");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith(
            "default-src 'none';", answer.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        var page = await answer.Content.ReadAsStringAsync(Token);
        foreach (var path in new[] { "/healthz", "/readyz", "/metrics", "/openapi/v1.json" })
        {
            Assert.Contains($"href=\"{path}\"", page, StringComparison.Ordinal);
            using var http = new HttpClient();
            using var there = await http.GetAsync(new Uri(fixture.Vault.Control, path), Token);
            Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        }

        Assert.Contains(fixture.Vault.S3.ToString().TrimEnd('/'), page, StringComparison.Ordinal);
        Assert.Contains("/v1<", page, StringComparison.Ordinal);
        Assert.Contains("vault --help", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_program_gets_the_same_as_JSON()
    {
        using var answer = await SendAsync(HttpMethod.Get, "application/json");
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.True((bool)json["ok"]!);
        Assert.Equal(fixture.Vault.S3.ToString().TrimEnd('/'), (string)json["s3"]!);
        Assert.Equal("/openapi/v1.json", (string)json["openapi"]!);
    }

    [Theory]
    [InlineData("*/*", "text/html")]
    [InlineData("application/json", "application/json")]
    public async Task HEAD_tells_the_same_without_a_body(string accept, string type)
    {
        using var answer = await SendAsync(HttpMethod.Head, accept);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task What_is_not_there_is_still_refused_as_JSON()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(fixture.Vault.Control, "/index.html"), Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string accept)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, fixture.Vault.Control);
        request.Headers.Accept.ParseAdd(accept);
        return await http.SendAsync(request, Token);
    }
}
