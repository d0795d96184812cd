using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes.PowerCut;

public sealed class PowerCutTests
{
    private static bool Long => Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    public static TheoryData<SyncPoint> AllSyncs => [.. Enum.GetValues<SyncPoint>()];

    [Fact]
    public void Whatever_the_power_cut_leaves_everything_acknowledged_is_served_and_nothing_else()
    {
        var seeds = Long ? 5000 : 250;

        for (var seed = 0; seed < seeds; seed++)
            Assert.Null(VolumeSimulation.Run(seed));
    }

    [Theory]
    [MemberData(nameof(AllSyncs))]
    public void Leaving_out_one_kind_of_sync_is_found_within_500_seeds(SyncPoint left)
    {
        var found = Enumerable.Range(0, 500).FirstOrDefault(seed => VolumeSimulation.Run(seed, left) is not null, -1);

        Assert.NotEqual(-1, found);
        TestContext.Current.TestOutputHelper?.WriteLine($"{left}: {VolumeSimulation.Run(found, left)}");
    }
}
