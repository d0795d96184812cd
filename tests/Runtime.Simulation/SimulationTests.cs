using System.Globalization;
using Vault.Runtime.Simulation.Cluster;

namespace Vault.Runtime.Simulation;

/// <summary>
/// The engine under faults, by seeds: acknowledged state is never lost, every answer fits an order, each commit is of
/// the newest activation, every call ends, service is back two leases after the last fault, and every silo that lives
/// owns again in the end. One seed with all that happens in it: <c>VAULT_SIMULATION_SEED=17</c>; others:
/// <c>VAULT_SIMULATION_FIRST=1000</c> and <c>VAULT_SIMULATION_COUNT=500</c>.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static int Seeds => Number("VAULT_SIMULATION_COUNT")
        ?? (Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 10_000 : 300);

    [Fact]
    public void Every_property_holds_with_every_seed()
    {
        if (Number("VAULT_SIMULATION_SEED") is { } only)
        {
            var run = SimulationRun.Of(only, log: output.WriteLine);
            Assert.True(run.Problem is null, run.Problem);
            return;
        }

        var first = Number("VAULT_SIMULATION_FIRST") ?? 0;
        var problems = new List<string>();
        var faults = new Dictionary<string, int>();
        long steps = 0, calls = 0, succeeded = 0, commits = 0, removals = 0;
        for (var seed = first; seed < first + Seeds; seed++)
        {
            var run = SimulationRun.Of(seed);
            if (run.Problem is { } problem)
            {
                problems.Add($"seed {seed}: {problem}");
            }

            steps += run.Steps;
            calls += run.Calls;
            succeeded += run.Succeeded;
            commits += run.Commits;
            removals += run.Removals;
            foreach (var (kind, count) in run.Faults)
            {
                faults[kind] = faults.GetValueOrDefault(kind) + count;
            }
        }

        output.WriteLine(
            $"{Seeds} seeds from {first}: {problems.Count} with problems; {steps} steps, {succeeded} of {calls} calls "
            + $"succeeded, {commits} commits, {removals} silos removed for their silence; faults: "
            + string.Join(", ", faults.OrderBy(f => f.Key).Select(f => $"{f.Key} {f.Value}")));
        Assert.True(
            problems.Count == 0, $"{problems.Count} of {Seeds} seeds:\n" + string.Join('\n', problems.Take(10)));
        Assert.True(removals > 0 && faults.Count >= 10, "too little happened for this to mean anything");
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var (one, other) = (SimulationRun.Of(seed), SimulationRun.Of(seed));
            Assert.Equal((one.TraceHash, one.Steps, one.Succeeded), (other.TraceHash, other.Steps, other.Succeeded));
        }

        Assert.NotEqual(SimulationRun.Of(0).TraceHash, SimulationRun.Of(1).TraceHash);
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
