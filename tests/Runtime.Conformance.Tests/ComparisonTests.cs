namespace Vault.Runtime.Conformance.Tests;

/// <summary>The comparison finds what it is there to find.</summary>
public sealed class ComparisonTests
{
    private static readonly MemberSurface Method = new(
        "Orleans.Thing", "Run(int) -> void", "public Run(int count) -> void");

    [Fact]
    public void The_same_surface_has_no_problems()
    {
        var comparison = Compare(Thing("class : System.Object", Method));
        Assert.Empty(comparison.Problems);
        Assert.Equal(1, comparison.ByDefinition);
    }

    [Fact]
    public void A_member_that_is_not_published_is_a_problem() => Assert.Single(
        Compare(Thing("class : System.Object", Method, new(
            "Orleans.Thing", "Stop() -> void", "public Stop() -> void"))).Problems);

    [Fact]
    public void A_parameter_with_another_name_is_a_problem() => Assert.Contains(
        "public Run(int count) -> void",
        Assert.Single(
            Compare(Thing("class : System.Object", Method with { Full = "public Run(int number) -> void" })).Problems),
        StringComparison.Ordinal);

    [Fact]
    public void Another_shape_is_a_problem() =>
        Assert.Single(Compare(Thing("sealed class : System.Object", Method)).Problems);

    [Fact]
    public void An_interface_that_is_not_published_is_a_problem() => Assert.Single(
        Compare(Thing("class : System.Object", Method) with
        {
            Interfaces = new HashSet<string> { "System.IDisposable" },
        }).Problems);

    [Fact]
    public void A_type_that_no_source_knows_is_a_problem_with_every_member() => Assert.Equal(
        2, Compare(Thing("class : System.Object", Method) with { Name = "Orleans.Other" }).Problems.Count);

    [Fact]
    public void A_reference_and_the_baseline_vouch_for_members_of_other_types()
    {
        var other = Thing("class : System.Object", Method, new(
            "Orleans.Thing", "X: int", "X: int { public get; }")) with { Name = "Orleans.Other" };
        var comparison = Comparison.Of(
            [other],
            new Dictionary<string, TypeSurface>(),
            new Dictionary<string, HashSet<string>> { ["Orleans.Other"] = ["Run(int) -> void"] },
            new HashSet<string> { "Orleans.Other | class : System.Object", "Orleans.Thing | X: int { public get; }" });
        Assert.Empty(comparison.Problems);
        Assert.Equal((0, 1, 2), (comparison.ByDefinition, comparison.ByReference, comparison.ByBaseline));
    }

    [Fact]
    public void The_baseline_vouches_for_a_member_of_a_type_whose_name_two_packages_share()
    {
        var extra = new MemberSurface("Orleans.Thing", "Stop() -> void", "public Stop() -> void");
        var comparison = Comparison.Of(
            [Thing("class : System.Object", Method, extra)],
            new Dictionary<string, TypeSurface> { ["Orleans.Thing"] = Thing("class : System.Object", Method) },
            new Dictionary<string, HashSet<string>>(),
            new HashSet<string> { Comparison.MemberLine(extra) });
        Assert.Empty(comparison.Problems);
        Assert.Equal((1, 0, 1), (comparison.ByDefinition, comparison.ByReference, comparison.ByBaseline));
    }

    private static TypeSurface Thing(string shape, params MemberSurface[] members) =>
        new("Orleans.Thing", shape, new HashSet<string>(), members);

    private static Comparison Compare(TypeSurface ours) => Comparison.Of(
        [ours],
        new Dictionary<string, TypeSurface> { ["Orleans.Thing"] = Thing("class : System.Object", Method) },
        new Dictionary<string, HashSet<string>>(),
        new HashSet<string>());
}
