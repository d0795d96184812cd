using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.ControlPlane.Tests;

/// <summary>A process of its own: what is limited is limited for the whole address.</summary>
public sealed class RateLimitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_without_credentials_projects_and_failed_authentications_are_held_back()
    {
        await using var vault = await VaultProcess.StartAsync(null, new Dictionary<string, string>
        {
            ["ControlPlane__FailedAuthenticationsPerMinute"] = "5",
            ["ControlPlane__AnonymousCallsPerMinute"] = "10",
            ["ControlPlane__ProjectCallsPerSecond"] = "2",
            ["S3__UnsignedRequestsPerMinute"] = "3",
        });
        using var http = new HttpClient { BaseAddress = vault.Control };
        var anonymous = await AnswersAsync(30, () => http.GetAsync("/healthz", Token));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 10), anonymous.Take(10));
        Assert.Contains(HttpStatusCode.TooManyRequests, anonymous);

        using var s3 = new HttpClient { BaseAddress = vault.S3 };
        var unsigned = await AnswersAsync(10, () => s3.GetAsync("/bucket/key", Token));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Forbidden, 3), unsigned.Take(3));
        Assert.Contains(HttpStatusCode.ServiceUnavailable, unsigned);

        using var admin = new ControlClient(vault.Control, vault.AdminToken);
        var mint = new JsonObject { ["project_id"] = vault.ProjectId, ["ops"] = new JsonArray("admin") };
        var minted = await admin.SendAsync(HttpMethod.Post, "/v1/tokens/macaroon", mint, Token);
        using var project = new ControlClient(vault.Control, (string)minted["token"]!);
        var path = $"/v1/projects/{vault.ProjectId}";
        var calls = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            try
            {
                await project.SendAsync(HttpMethod.Get, path, null, Token);
                return 200;
            }
            catch (ControlException e)
            {
                Assert.Equal("rate_limited", e.Code);
                return e.Status;
            }
        }));
        Assert.InRange(calls.Count(status => status == 200), 2, 49);
        await admin.SendAsync(HttpMethod.Get, path, null, Token);

        var guesses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await GuessAsync(http, "x" + i);
            guesses.Add(answer.StatusCode);
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Unauthorized, 5), guesses.Take(5));
        Assert.Contains(HttpStatusCode.TooManyRequests, guesses);
        using var right = await GuessAsync(http, vault.AdminToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.InRange(right.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
        var problem = JsonNode.Parse(await right.Content.ReadAsStringAsync(Token))!;
        Assert.Equal("rate_limited", (string)problem["error"]!["code"]!);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("s3-goes-on", Token);
    }

    [Fact]
    public async Task A_projects_own_quota_of_requests_slows_its_s3_requests_down()
    {
        await using var vault = await VaultProcess.StartAsync();
        using (var admin = new ControlClient(vault.Control, vault.AdminToken))
        {
            var quota = new JsonObject { ["quota"] = new JsonObject { ["rps"] = 3 } };
            await admin.SendAsync(HttpMethod.Patch, $"/v1/projects/{vault.ProjectId}", quota, Token);
        }

        using var client = new S3TestClient(vault);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var answer = await client.SendAsync("GET", "/", cancellationToken: Token);
            if (answer.StatusCode == HttpStatusCode.OK) return "";
            Assert.NotNull(answer.Headers.RetryAfter);
            return await S3TestClient.CodeAsync(answer);
        }));
        Assert.InRange(answers.Count(code => code.Length == 0), 3, 49);
        Assert.All(answers, code => Assert.True(code is "" or "SlowDown", code));
    }

    private static async Task<HttpResponseMessage> GuessAsync(HttpClient http, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/tenants");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, Token);
    }

    private static async Task<List<HttpStatusCode>> AnswersAsync(int count, Func<Task<HttpResponseMessage>> send)
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await send();
            answers.Add(answer.StatusCode);
        }

        return answers;
    }
}
