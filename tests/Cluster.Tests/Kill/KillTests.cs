using System.Diagnostics;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Processes, connections and databases die under load, and nothing that was acknowledged is lost.</summary>
[Collection(nameof(WholeMachine))]
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Bucket = "kill";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 7_200_000)]
    public async Task One_process_on_postgres_loses_nothing_to_faults()
    {
        await using var target = await SingleTarget.StartAsync(Token);
        await RunAsync(target, IsLong ? 20 : 1, leastOverall: 0); // with its only process away, nothing succeeds
    }

    private async Task RunAsync(KillTarget target, int perKind, double leastOverall)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("VAULT_TEST_SEED"), out var given) ? given : 4711;
        var history = new KillHistory();
        await target.Gateways[0].CreateBucketAsync(Bucket, Token);
        await using var load = new Load(history, target.Gateways, Bucket, seed);
        load.Start(TimeSpan.FromMilliseconds(150));
        await new FaultRun(target, history, seed, output).RunAsync(perKind, quiet: 5, Token);
        output.WriteLine($"the faults are over after {history.Requests.Count} requests");
        await load.StopAsync();
        await load.ReadEverythingAsync();

        var rates = SuccessRates.Of(history);
        output.WriteLine($"seed {seed}, {history.Faults.Count} faults, {rates}");
        foreach (var (what, count) in history.Failures.OrderByDescending(r => r.Value))
            output.WriteLine($"  {count} {what}");
        AssertNoViolation(history, target);
        Assert.True(rates.Overall >= leastOverall && rates.OutsideFaults >= 0.999, rates.ToString());
        await Aftermath.ReclaimAsync(target, Bucket, Token);
        await load.ReadEverythingAsync();
        AssertNoViolation(history, target);
        await Aftermath.CheckAsync(target, Token);
        output.WriteLine("references and volumes are as they should be");
    }

    private void AssertNoViolation(KillHistory history, KillTarget target)
    {
        var clock = Stopwatch.StartNew();
        var violations = HistoryCheck.Run(history);
        output.WriteLine($"{history.Keys.Count} operations on {history.Keys.Keys.Count} keys checked in {clock.Elapsed}");
        Assert.True(violations.Count == 0, string.Join('\n', violations.Take(30)) + "\n\n" + Tail(target.Log));
    }

    private static string Tail(string log) => log.Length <= 8000 ? log : log[^8000..];
}
