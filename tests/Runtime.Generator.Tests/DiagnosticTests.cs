namespace Vault.Runtime.Generator.Tests;

/// <summary>What cannot work is refused where it is written.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData("VAULT001", "public interface IThing<T> : IGrainWithStringKey { Task Run(); }")]
    [InlineData("VAULT001", "public interface IThing : IGrainWithStringKey { Task Run<T>(T value); }")]
    [InlineData("VAULT002", "public interface IThing : IGrainWithStringKey { int Run(); }")]
    [InlineData("VAULT002", "public interface IThing : IGrainWithStringKey { IAsyncEnumerable<int> Run(); }")]
    [InlineData("VAULT003", "public interface IThing : IGrainWithStringKey { Task<int> Value { get; } }")]
    [InlineData("VAULT003", "public interface IThing : IGrainWithStringKey { event Action Done; }")]
    [InlineData("VAULT004", "public interface IThing : IGrainWithStringKey { Task Run(ref int value); }")]
    [InlineData("VAULT004", "public interface IThing : IGrainWithStringKey { Task Run(in int value); }")]
    [InlineData("VAULT004", "public interface IThing : IGrainWithStringKey { Task Run(Span<byte> value); }")]
    [InlineData(
        "VAULT004",
        "public interface IThing : IGrainWithStringKey { Task Run(CancellationToken one, CancellationToken two); }")]
    [InlineData("VAULT005", "public interface IThing : IGrainWithStringKey { Task Run(); Task Run(int value); }")]
    [InlineData(
        "VAULT005",
        "public interface IThing : IGrainWithStringKey { [Alias(\"a\")] Task Run(); [Alias(\"a\")] Task Go(); }")]
    [InlineData("VAULT006", "[GenerateSerializer] public sealed class Thing { [Id(0)] public int A { get; set; } "
        + "[Id(0)] public int B { get; set; } }")]
    [InlineData("VAULT007", "[GenerateSerializer] public sealed class Thing { [Id(0)] public int A { get; set; } "
        + "public int B { get; set; } }")]
    [InlineData("VAULT007", "[GenerateSerializer] public sealed record Thing(int A);")]
    [InlineData("VAULT008", "public class Outer { [GenerateSerializer] private sealed class Thing { } }")]
    [InlineData("VAULT008", "public class Outer { private interface IThing : IGrainWithStringKey { Task Run(); } }")]
    [InlineData("VAULT008", "public class Outer<T> { [GenerateSerializer] public sealed class Thing { } }")]
    [InlineData("VAULT009", "public interface IThing : IGrainWithStringKey { Task Run(); } public class Thing : Grain, "
        + "IThing { private Thing() { } public Task Run() => Task.CompletedTask; }")]
    [InlineData(
        "VAULT011",
        "[GenerateSerializer] public sealed class Thing { [Id(uint.MaxValue)] public int A { get; set; } }")]
    [InlineData(
        "VAULT010", "public interface IThing : IGrainWithStringKey { [ResponseTimeout(\"soon\")] Task Run(); }")]
    public void A_mistake_is_an_error_at_its_place(string id, string source)
    {
        var problem = Assert.Single(Generated.From(source).Problems.DistinctBy(p => p.Id));
        Assert.Equal(id, problem.Id);
        Assert.True(problem.Location.GetLineSpan().StartLinePosition.Character > 0);
        Assert.DoesNotContain("{0}", problem.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_one_type_leaves_the_others_working()
    {
        var generated = Generated.From("""
            public interface IBad : IGrainWithStringKey { int Run(); }
            public interface IGood : IGrainWithStringKey { Task<int> Run(); }
            """);
        Assert.Single(generated.Problems);
        Assert.Empty(generated.Errors);
        Assert.Contains("IGood_Proxy", generated.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("IBad_Proxy", generated.Text, StringComparison.Ordinal);
    }
}
