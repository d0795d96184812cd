using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.Cluster.Tests.Events;

/// <summary>What gateways that are processes of their own tell each other.</summary>
[Collection(nameof(SharedCluster))]
public sealed class FrontEndTests(SharedCluster shared)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10); // of 60 s; a busy machine's

    private ClusterFixture Cluster => shared.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_credential_that_every_gateway_holds_is_refused_by_all_at_once_also_without_Redis()
    {
        using var owner = Cluster.Client();
        await owner.CreateBucketAsync("held", Token);
        await RevokeAsync();
        await Cluster.KillAsync("redis", ct: Token);
        await RevokeAsync();
        await Cluster.StartAsync("redis", Token);
        await RevokeAsync();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_projects_rate_holds_for_all_gateways_together()
    {
        const int Rate = 40;
        var length = TimeSpan.FromSeconds(6);
        using var control = new ControlClient(Cluster.Control.Address, Cluster.AdminToken);
        using var owner = Cluster.Client();
        await owner.CreateBucketAsync("rated", Token);
        await SetRateAsync(control, Rate);
        try
        {
            var passed = 0;
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                using var client = Cluster.Client(i % 2);
                while (Stopwatch.GetElapsedTime(began) < length)
                {
                    using var answer = await client.SendAsync("HEAD", "/rated", cancellationToken: Token);
                    if (answer.StatusCode == HttpStatusCode.OK) Interlocked.Increment(ref passed);
                    else Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                }
            }));
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            // One period's worth at once, for each gateway until it has heard of the other's; apart: twice the rate
            // too.
            Assert.InRange(passed, Rate, (Rate * seconds) + (3 * Rate));
        }
        finally
        {
            await SetRateAsync(control, 0);
        }
    }

    private async Task RevokeAsync()
    {
        using var control = new ControlClient(Cluster.Control.Address, Cluster.AdminToken);
        var made = (await control.SendSignedAsync(
            "/v1/credentials", new JsonObject(), Cluster.AccessKeyId, Cluster.SecretAccessKey, TimeProvider.System,
            Token))["credential"]!;
        S3TestClient[] clients =
        [
            .. Cluster.Gateways.Select(gateway => new S3TestClient(
                gateway.Address, (string)made["access_key_id"]!, (string)made["secret_access_key"]!)),
        ];
        try
        {
            foreach (var client in clients) await client.PutAsync("held", "key", [1], Token);
            await control.SendAsync(
                HttpMethod.Post, "/v1/credentials/revoke", new JsonObject { ["lookup"] = (string)made["lookup"]! },
                Token);
            var began = Stopwatch.GetTimestamp();
            foreach (var client in clients)
            {
                HttpStatusCode status;
                do
                {
                    using var answer = await client.SendAsync("GET", "/held/key", cancellationToken: Token);
                    status = answer.StatusCode;
                }
                while (status == HttpStatusCode.OK && Stopwatch.GetElapsedTime(began) < AtOnce * 3);
                Assert.Equal(HttpStatusCode.Forbidden, status);
            }

            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, AtOnce);
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }

    private Task<JsonObject> SetRateAsync(ControlClient control, int rate) => control.SendAsync(
        HttpMethod.Patch, $"/v1/projects/{Cluster.ProjectId}",
        new JsonObject { ["quota"] = new JsonObject { ["rps"] = rate } }, Token);
}
