using System.Diagnostics;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>A silo that is cut off, a database that is away: the rest serves, and all comes back by itself.</summary>
[Collection(nameof(FaultCluster))]
public sealed class FaultTests(FaultCluster shared, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Topologies.Separate), MemberType = typeof(Topologies))]
    public async Task A_silo_that_is_cut_off_stops_serving_and_comes_back_when_healed(bool alike)
    {
        var cluster = await shared.TakeAsync(alike, Token);
        await using var balancer = new ReadyBalancer(cluster);
        await using var load = await ProbeLoad.BeginAsync(cluster, 16, balancer, Token);
        var (second, third) = (cluster.Silos[1].Name, cluster.Silos[2].Name);
        await cluster.PartitionAsync(second, null, Token);
        var cut = load.Now;
        output.WriteLine($"cut off: back after {(await load.RecoveredAsync(cut, Token)).TotalSeconds:F2} s");
        await MembersAsync(cluster, 2);
        await cluster.HealAsync(Token);
        await Metrics.UntilAsync(() => cluster.IsReadyAsync(second, Token), Token);
        await MembersAsync(cluster, 3);

        // Cut off from the database alone it stays a member, and what it owns is refused until it is back.
        await load.SettledAsync(Token);
        await cluster.PartitionAsync(third, ["postgres"], Token);
        cut = load.Now;
        await Metrics.UntilAsync(async () => !await cluster.IsReadyAsync(third, Token), Token);
        await cluster.HealAsync(Token);
        await Metrics.UntilAsync(() => cluster.IsReadyAsync(third, Token), Token);
        output.WriteLine($"no database: back after {(await load.RecoveredAsync(load.Now, Token)).TotalSeconds:F2} s");
        await MembersAsync(cluster, 3);
        Assert.All(
            load.Between(cut, load.Now).Where(static c => c.Failure is not null),
            static c => Assert.Contains("503 ", c.Failure, StringComparison.Ordinal));
        await shared.GiveBackAsync(Token);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Topologies.Separate), MemberType = typeof(Topologies))]
    public async Task Without_the_database_nothing_is_ready_and_with_it_all_come_back_in_the_same_processes(bool alike)
    {
        var cluster = await shared.TakeAsync(alike, Token);
        await using var load = await ProbeLoad.BeginAsync(cluster, 8, null, Token);
        var (silo, gateway) = (cluster.Silos[0].Name, cluster.Gateways[^1].Name);
        var before = cluster.Silos.Select(s => s.ProcessId).ToArray();
        await cluster.KillAsync("postgres", ct: Token);
        await Metrics.UntilAsync(async () => !await cluster.IsReadyAsync(silo, Token), Token);
        await Metrics.UntilAsync(async () => !await cluster.IsReadyAsync(gateway, Token), Token);
        await cluster.StartAsync("postgres", Token);
        var clock = Stopwatch.StartNew();
        await load.RecoveredAsync(load.Now, Token);
        output.WriteLine($"served again {clock.Elapsed.TotalSeconds:F2} s after the database");
        foreach (var process in cluster.Silos.Concat(cluster.Gateways))
            await Metrics.UntilAsync(() => cluster.IsReadyAsync(process.Name, Token), Token);
        Assert.Equal(before, cluster.Silos.Select(s => s.ProcessId));

        // What waits for the database does not keep the database from being started.
        await cluster.KillAsync("postgres", ct: Token);
        await cluster.KillAsync(gateway, ct: Token);
        var starting = cluster.StartAsync(gateway, Token);
        await cluster.StartAsync("postgres", Token);
        await starting;

        // Nothing runs on without its supervisor.
        foreach (var name in new[] { gateway, silo })
        {
            await cluster.KillSupervisorAsync(name, Token);
            await cluster.StartAsync(name, Token);
        }

        await shared.GiveBackAsync(Token);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_silo_whose_directory_is_gone_joins_again_and_another_clusters_directory_is_refused()
    {
        var cluster = await shared.TakeAsync(alike: false, Token);
        using var client = cluster.Client();
        await client.CreateBucketAsync("kept", Token);
        var body = new byte[100_000];
        new Random(1).NextBytes(body);
        await client.PutAsync("kept", "object", body, Token);
        await cluster.KillAsync("silo-1", ct: Token);
        var data = Path.Combine(cluster.Directory, "data", "silo-1");
        var id = await File.ReadAllTextAsync(Path.Combine(data, "cluster_id"), Token);
        Directory.Delete(data, recursive: true);
        await cluster.StartAsync("silo-1", Token);
        Assert.Equal(id, await File.ReadAllTextAsync(Path.Combine(data, "cluster_id"), Token));
        Assert.Equal(body, await client.GetAsync("kept", "object", Token));

        await cluster.StopAsync("silo-1", Token);
        await File.WriteAllTextAsync(Path.Combine(data, "cluster_id"), "clu_0123456789abcdef0123\n", Token);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.StartAsync("silo-1", Token));
        Assert.Contains("the database belongs to cluster", refused.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(data, "cluster_id"), id, Token);
        await cluster.StartAsync("silo-1", Token);
        await shared.GiveBackAsync(Token);
    }

    [Trait("Run", "long")]
    [Theory(Timeout = 1_200_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_is_declared_dead_in_ten_minutes_with_every_core_taken(bool alike)
    {
        var cluster = await shared.TakeAsync(alike, Token);
        var before = cluster.Silos.Select(s => s.ProcessId).ToArray();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        over.CancelAfter(TimeSpan.FromMinutes(10));
        var takers = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => Task.Factory.StartNew(() => Spin(over.Token), TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(takers);
        Token.ThrowIfCancellationRequested();
        await MembersAsync(cluster, 3);

        // One that was declared dead has ended, and its supervisor has started another.
        foreach (var silo in cluster.Silos) await cluster.RefreshAsync(silo.Name, Token);
        Assert.Equal(before, cluster.Silos.Select(s => s.ProcessId));
        await shared.GiveBackAsync(Token);

        static void Spin(CancellationToken until)
        {
            while (!until.IsCancellationRequested)
            {
            }
        }
    }

    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_up_that_fails_half_way_leaves_nothing(bool namespaces)
    {
        var before = Traces();
        var settings = new Dictionary<string, string> { ["Vault__S3Port"] = "none" };
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => ClusterFixture.StartAsync(new() { Namespaces = namespaces, Settings = settings }, Token));
        Assert.Empty(Traces().Except(before));
    }

    /// <summary>What a cluster leaves while it runs: servers, namespaces, bridges, directories.</summary>
    private static string[] Traces() =>
    [
        .. Directory.GetDirectories("/sys/class/net", "vault*"), .. Directory.GetDirectories("/tmp", "vault-cluster-*"),
        .. Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", "vault*") : [],
        .. Process.GetProcessesByName("redis-server").Concat(Process.GetProcessesByName("postgres"))
            .Where(IsAlive).Select(p => $"{p.ProcessName} {p.Id}"),
    ];

    /// <summary>False also for one that has ended and that its parent has not asked after yet.</summary>
    private static bool IsAlive(Process process)
    {
        try
        {
            return !File.ReadLines($"/proc/{process.Id}/status").Contains("State:\tZ (zombie)", StringComparer.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Task MembersAsync(ClusterFixture cluster, int count) => Metrics.UntilAsync(
        async () => await cluster.MetricAsync(cluster.Silos[0].Name, "orleans_directory_ring_size", ct: Token) == count, Token);
}
