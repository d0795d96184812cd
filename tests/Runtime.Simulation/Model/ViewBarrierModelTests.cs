namespace Vault.Runtime.Simulation.Model;

public sealed class ViewBarrierModelTests
{
    [Fact]
    public void With_all_rules_no_two_silos_ever_serve_a_grain()
    {
        var model = new ViewBarrierModel(Weakening.None);
        Assert.Null(model.StepsToTwoActive());
        Assert.InRange(model.States, 5_000_000, 7_000_000);
    }

    [Theory]
    [InlineData(nameof(Weakening.NoBarrier))]
    [InlineData(nameof(Weakening.RangeOneViewShort))]
    [InlineData(nameof(Weakening.AcknowledgingKeepsChecks))]
    [InlineData(nameof(Weakening.LeaverGoesAtOnce))]
    [InlineData(nameof(Weakening.RemovedWhileTheLeaseRuns))]
    public void Without_one_of_the_rules_two_silos_serve_a_grain(string weakening) =>
        Assert.NotNull(new ViewBarrierModel(Enum.Parse<Weakening>(weakening)).StepsToTwoActive());
}
