using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>How long the grains of a silo that ends are away.</summary>
[Collection(nameof(WholeMachine))]
[Trait("Run", "long")]
public sealed class RecoveryTests(ITestOutputHelper output)
{
    /// <summary>So many that every silo owns some of their keys, so few that the machine is not their limit.</summary>
    private const int Workers = 16;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 1_800_000)]
    [InlineData(false, 6.0)]
    [InlineData(true, 1.0)]
    public async Task After_sigkill_of_a_silo_its_grains_are_back_in_time(bool supervised, double seconds)
    {
        await using var cluster = await ClusterFixture.StartAsync(ct: Token);
        await using var load = await ProbeLoad.BeginAsync(cluster, Workers, null, Token);
        var times = new List<double>();
        for (var kill = 0; kill < (IsLong ? 20 : 3); kill++)
        {
            var victim = cluster.Silos[kill % cluster.Silos.Count].Name;
            await cluster.KillAsync(victim, supervised, Token);
            var killed = load.Now;
            var away = await load.RecoveredAsync(killed, Token);
            times.Add(away.TotalSeconds);
            var window = load.Between(killed, load.Now).ToList();
            output.WriteLine(
                $"{victim}: back after {away.TotalSeconds:F2} s; {window.Count(c => c.Failure is not null)} of "
                + $"{window.Count} calls failed, the longest: {window.MaxBy(c => c.Took)}");

            // Two of three live: nothing fails any more, whatever it stores.
            var recovered = load.Now;
            await load.RecoveredAsync(recovered + TimeSpan.FromSeconds(2), Token);
            Assert.DoesNotContain(
                load.Between(recovered, load.Now), c => c.Failure is not null && c.Started > recovered);
            await cluster.StartAsync(victim, Token);
            await SettledAsync(load);
        }

        times.Sort();
        output.WriteLine(
            $"{times.Count} kills, back after {string.Join(", ", times.Select(t => $"{t:F2}"))} s");
        Assert.InRange(times[^1], 0, seconds);
    }

    [Fact(Timeout = 1_800_000)]
    public async Task Sigterm_of_a_silo_fails_no_call_and_none_takes_over_a_second()
    {
        await using var cluster = await ClusterFixture.StartAsync(ct: Token);
        await using var load = await ProbeLoad.BeginAsync(cluster, Workers, null, Token);
        for (var round = 0; round < (IsLong ? 12 : 3); round++)
        {
            var name = cluster.Silos[round % cluster.Silos.Count].Name;
            await SettledAsync(load);
            var told = load.Now;
            await cluster.StopAsync(name, Token);
            await load.RecoveredAsync(load.Now, Token);
            var calls = load.Between(told, load.Now).ToList();
            output.WriteLine(
                $"{name}: {calls.Count} calls, the longest {calls.Max(c => c.Took).TotalMilliseconds:F0} ms");
            Assert.DoesNotContain(calls, c => c.Failure is not null || c.Took > TimeSpan.FromSeconds(1));
            await cluster.StartAsync(name, Token);
        }
    }

    /// <summary>Until every worker has had its successes for a while after the last change.</summary>
    private static async Task SettledAsync(ProbeLoad load)
    {
        var since = load.Now;
        await load.RecoveredAsync(since + TimeSpan.FromSeconds(1), Token);
    }
}
