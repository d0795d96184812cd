using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Ownership;
using Vault.Runtime.Simulation.Cluster;

namespace Vault.Runtime.Simulation.Breaks;

/// <summary>The simulation can fail: what is taken away from the rules is missed within 500 seeds.</summary>
public sealed class BreakTests(ITestOutputHelper output)
{
    private const int MaxSeeds = 500;

    [Fact]
    public void A_missing_view_barrier_is_found() => Find(new DeliberateBreak
    {
        Change = static services =>
        {
            var real = services.Last(s => s.ServiceType == typeof(IMembership)).ImplementationFactory!;
            services.AddSingleton<IMembership>(sp => new UnguardedMembership((IMembership)real(sp)));
        },
    });

    [Fact]
    public void A_missing_fence_is_found() => Find(new DeliberateBreak { Fence = FenceBreak.NotChecked });

    [Fact]
    public void A_fence_that_is_checked_without_its_lock_is_found() =>
        Find(new DeliberateBreak { Fence = FenceBreak.CheckedWithoutLock });

    [Fact]
    public void A_fence_that_is_taken_after_the_state_was_read_is_found() =>
        Find(new DeliberateBreak { Fence = FenceBreak.TakenAfterTheState });

    [Fact]
    public void Leaving_without_drain_is_found() =>
        Find(new DeliberateBreak { Tables = static () => new HastyTables() });

    private void Find(DeliberateBreak deliberate)
    {
        for (var seed = 0; seed < MaxSeeds; seed++)
        {
            if (SimulationRun.Of(seed, deliberate).Problem is { } problem)
            {
                output.WriteLine($"seed {seed}: {problem}");
                return;
            }
        }

        Assert.Fail($"{MaxSeeds} seeds did not find it.");
    }
}
