using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>Every silo and gateway is restarted, one after the other, and no client sees it.</summary>
[Collection(nameof(FaultCluster))]
public sealed class RollingRestartTests(FaultCluster shared, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 1_800_000)]
    [MemberData(nameof(Topologies.Separate), MemberType = typeof(Topologies))]
    public async Task A_rolling_restart_under_load_without_retries_fails_no_request(bool alike)
    {
        var cluster = await shared.TakeAsync(alike, Token);
        await using var balancer = new ReadyBalancer(cluster);
        await using var load = await ProbeLoad.BeginAsync(cluster, 16, balancer, Token);
        for (var round = 0; round < (Topologies.IsLong ? 5 : 1); round++)
        {
            foreach (var process in cluster.Silos.Concat(cluster.Gateways).DistinctBy(static p => p.Name).ToList())
            {
                var began = load.Now;
                await cluster.StopAsync(process.Name, Token);
                await cluster.StartAsync(process.Name, Token);
                await load.RecoveredAsync(load.Now, Token);
                var calls = load.Between(began, load.Now).ToList();
                output.WriteLine(
                    $"{process.Name}: {calls.Count} calls, the longest "
                    + $"{calls.Max(c => c.Took).TotalMilliseconds:F0} ms");
                var failed = calls.Where(c => c.Failure is not null).Select(c => c.ToString()).ToList();
                Assert.True(failed.Count == 0, string.Join("\n", failed.Take(5).Concat(Complaints(cluster))));
            }
        }

        await shared.GiveBackAsync(Token);
    }

    /// <summary>What the gateways last logged of errors of theirs.</summary>
    private static IEnumerable<string> Complaints(ClusterFixture cluster) => cluster.Gateways.SelectMany(gateway =>
        cluster.LogOf(gateway.Name).Split('\n').Where(line => line.Contains("Exception", StringComparison.Ordinal))
            .TakeLast(5).Select(line => $"{gateway.Name}: {line}"));
}
