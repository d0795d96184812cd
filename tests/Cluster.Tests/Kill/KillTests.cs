using System.Diagnostics;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Processes, connections and databases die under load, and nothing that was acknowledged is lost.</summary>
[Collection(nameof(WholeMachine))]
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Bucket = "kill";

    /// <summary>What a long run completes at least.</summary>
    private const int LongRequests = 200_000;

    /// <summary>In a long run the machine has room for the processes that start, which else take most of its time.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(Topologies.IsLong ? 1200 : 150);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 7_200_000)]
    public async Task One_process_on_postgres_loses_nothing_to_faults()
    {
        await using var target = await SingleTarget.StartAsync(Token);
        // With its only process away, nothing succeeds.
        await RunAsync(target, Setting("VAULT_TEST_FAULTS", Topologies.IsLong ? 20 : 1), leastOverall: 0);
    }

    [Theory(Timeout = 14_400_000)]
    [MemberData(nameof(Topologies.Separate), MemberType = typeof(Topologies))]
    public async Task A_cluster_loses_nothing_to_faults_and_goes_on_serving(bool alike)
    {
        await using var target = await ClusterTarget.StartAsync(alike, Environment.IsPrivilegedProcess, Token);
        await RunAsync(target, Setting("VAULT_TEST_FAULTS", Topologies.IsLong ? 60 : 1), leastOverall: 0.9);
    }

    private async Task RunAsync(KillTarget target, int perKind, double leastOverall)
    {
        var seed = Setting("VAULT_TEST_SEED", 4711);
        var history = new KillHistory();
        await target.Gateways[0].CreateBucketAsync(Bucket, Token);
        await using var load = new Load(history, target.Gateways, Bucket, seed);
        load.Start(Pace);
        await new FaultRun(target, history, seed, output).RunAsync(perKind, Token);
        output.WriteLine($"the faults are over after {history.Requests.Count} requests");
        await load.StopAsync();
        await load.ReadEverythingAsync();

        var rates = new SuccessRates(history);
        output.WriteLine($"seed {seed}, {history.Faults.Count} faults, {rates}");
        output.WriteLine(target.InternalErrors);
        AssertNoViolation(history, target);
        if (Topologies.IsLong) Assert.True(history.Requests.Count >= LongRequests, $"only {history.Requests.Count} requests");
        Assert.True(rates.Overall >= leastOverall && rates.OutsideFaults >= 0.999, $"{rates}\n{target.Log}");
        await Aftermath.ReclaimAsync(target, Bucket, Token);
        await load.ReadEverythingAsync();
        AssertNoViolation(history, target);
        await Aftermath.CheckAsync(target, Token);
        output.WriteLine("references and volumes are as they should be");
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var given) ? given : otherwise;

    private void AssertNoViolation(KillHistory history, KillTarget target)
    {
        var clock = Stopwatch.StartNew();
        var violations = HistoryCheck.Run(history);
        var keys = history.Keys.Keys.Count;
        output.WriteLine($"{history.Keys.Count} operations on {keys} keys checked in {clock.Elapsed}");
        Assert.True(violations.Count == 0, string.Join('\n', violations.Take(30)) + "\n\n" + target.Log);
    }
}
