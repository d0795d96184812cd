using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>
/// How long the grains of a silo that ends are away, in either topology (decisions §2.5). The limits are those of
/// docs/spec/membership.md and hold on a machine that does nothing else: a long run asserts them. Every run asserts
/// that what was there comes back, that nothing stale is read, and that an orderly stop fails no request.
/// </summary>
[Collection(nameof(WholeMachine))]
public sealed class RecoveryTests(ITestOutputHelper output)
{
    /// <summary>So many that every silo owns some of their keys, so few that the machine is not their limit.</summary>
    private const int Workers = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 3_600_000)]
    [MemberData(nameof(Topologies.Alike), MemberType = typeof(Topologies))]
    public async Task What_a_silo_held_is_back_after_each_way_of_losing_it(bool alike)
    {
        await using var cluster = await ClusterFixture.StartAsync(new ClusterShape { Alike = alike }, Token);
        await using var balancer = new ReadyBalancer(cluster);
        await using var load = await ProbeLoad.BeginAsync(cluster, Workers, balancer, Token);
        var trial = new Trial(cluster, balancer, load, output);
        await AllAsync("reaped", 1.5, 1.5, name => trial.KillAsync(name, supervised: true, Token));
        await AllAsync("killed", 2, 4, name => trial.KillAsync(name, supervised: false, Token));
        await AllAsync("paused", alike ? 4.5 : 6.5, alike ? 5 : 8, name => trial.PauseAsync(name, Token));
        await AllAsync("stopped", 1.5, 1.5, name => trial.StopAsync(name, Token));

        async Task AllAsync(string how, double median, double longest, Func<string, Task<TimeSpan>> lose)
        {
            var times = new List<double>();
            for (var round = 0; round < (Topologies.IsLong ? 20 : 1); round++)
            {
                await load.SettledAsync(Token);
                times.Add((await lose(cluster.Silos[round % cluster.Silos.Count].Name)).TotalSeconds);
            }

            times.Sort();
            output.WriteLine($"{how}: {string.Join(", ", times.Select(t => $"{t:F2}"))} s");
            if (!Topologies.IsLong) return;
            Assert.InRange(times[times.Count / 2], 0, median);
            Assert.InRange(times[^1], 0, longest);
        }
    }

    /// <summary>One silo after the other is lost under load.</summary>
    private sealed class Trial(
        ClusterFixture cluster, ReadyBalancer balancer, ProbeLoad load, ITestOutputHelper output)
    {
        /// <summary>SIGKILL; how long until all was served again.</summary>
        public async Task<TimeSpan> KillAsync(string name, bool supervised, CancellationToken ct)
        {
            balancer.Leave(name);
            await cluster.KillAsync(name, supervised, ct);
            var away = await BackAsync(name, load.Now, ct);
            await cluster.StartAsync(name, ct);
            balancer.Leave(null);
            return away;
        }

        /// <summary>SIGSTOP, and on again when others have taken over; how long until they had.</summary>
        public async Task<TimeSpan> PauseAsync(string name, CancellationToken ct)
        {
            balancer.Leave(name);
            cluster.Pause(name);
            var paused = load.Now;
            var away = await BackAsync(name, paused, ct);
            if (Topologies.IsLong) Assert.DoesNotContain(load.Between(paused, load.Now), static c => c.Failure is not null);
            await load.SettledAsync(ct, Topologies.IsLong ? paused + TimeSpan.FromSeconds(20) - load.Now : TimeSpan.Zero);
            var before = cluster[name].ProcessId;
            cluster.Resume(name);
            await cluster.ReplacedAsync(name, before, ct); // it hears that it was declared dead, and ends
            await load.SettledAsync(ct);
            Assert.DoesNotContain(load.Between(paused, load.Now), static c => c.IsStale);
            Assert.Contains("The silo ends", cluster.LogOf(name), StringComparison.Ordinal);
            balancer.Leave(null);
            return away;
        }

        /// <summary>SIGTERM; the longest call.</summary>
        public async Task<TimeSpan> StopAsync(string name, CancellationToken ct)
        {
            var told = load.Now;
            await cluster.StopAsync(name, ct);
            await load.RecoveredAsync(load.Now, ct);
            var calls = load.Between(told, load.Now);
            output.WriteLine($"{name} stopped: {calls.Count} calls, the longest {calls.MaxBy(static c => c.Took)}");
            Assert.DoesNotContain(calls, static c => c.Failure is not null);
            await cluster.StartAsync(name, ct);
            return calls.Max(static c => c.Took);
        }

        private async Task<TimeSpan> BackAsync(string name, TimeSpan since, CancellationToken ct)
        {
            var away = await load.RecoveredAsync(since, ct);
            var calls = load.Between(since, load.Now);
            output.WriteLine(
                $"{name} lost: back after {away.TotalSeconds:F2} s; {calls.Count(static c => c.Failure is not null)} of "
                + $"{calls.Count} calls failed, the longest: {calls.MaxBy(static c => c.Took)}");

            // Two of three live: nothing fails any more, whatever it stores.
            var recovered = load.Now;
            await load.SettledAsync(ct, TimeSpan.FromSeconds(2));
            calls = load.Between(recovered, load.Now);
            Assert.DoesNotContain(calls, c => c.Failure is not null && c.Started > recovered);
            return away;
        }
    }
}
