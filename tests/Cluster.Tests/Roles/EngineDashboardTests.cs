using System.Net;
using System.Text.Json;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>The engine's dashboard of a cluster is where macaroons can be checked, and shows all silos.</summary>
[Collection(nameof(SharedCluster))]
public sealed class EngineDashboardTests(SharedCluster shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Topologies.Separate), MemberType = typeof(Topologies))]
    public async Task The_processes_with_the_role_control_show_every_silo_and_the_others_say_who_does(bool alike)
    {
        await using var own = alike ? await ClusterFixture.StartAsync(SharedCluster.Shape with { Alike = true }, Token) : null;
        var cluster = own ?? shared.Cluster;
        using var http = new HttpClient(); // keeps the cookie and follows the redirection
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["macaroon"] = cluster.AdminToken });
        using var page = await http.PostAsync(new Uri(cluster.Control.Control!, "/dashboard/sign-in"), form, Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("Orleans Dashboard", await page.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(100)); // it looks once a second
        while (await HostsAsync(http, cluster) < 2) await clock.WaitForNextTickAsync(Token);
        foreach (var other in cluster.Silos.Concat(cluster.Gateways).Where(_ => !alike))
        {
            using var answer = await http.GetAsync(new Uri(other.Control!, "/dashboard/"), Token);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains(
                "processes with the role control", await answer.Content.ReadAsStringAsync(Token),
                StringComparison.Ordinal);
        }
    }

    private static async Task<int> HostsAsync(HttpClient http, ClusterFixture cluster)
    {
        var text = await http.GetStringAsync(new Uri(cluster.Control.Control!, "/dashboard/DashboardCounters"), Token);
        using var counters = JsonDocument.Parse(text);
        return counters.RootElement.GetProperty("totalActiveHostCount").GetInt32();
    }
}
