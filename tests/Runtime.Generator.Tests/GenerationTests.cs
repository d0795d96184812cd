using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Vault.Runtime.Generator.Tests;

/// <summary>Everything that grain code may look like compiles after generation.</summary>
public sealed class GenerationTests
{
    [Theory]
    [InlineData("an interface with every kind of return", """
        public interface IThing : IGrainWithStringKey
        {
            void A(); Task B(); ValueTask C(); Task<int> D(string s); ValueTask<List<int>?> E(byte[] b, CancellationToken stop);
            [OneWay] Task F(int x); [OneWay] ValueTask G(); [ReadOnly, AlwaysInterleave, ResponseTimeout("00:00:05")] Task<(int Low, string High)> H((int A, string? B) x);
        }
        """)]
    [InlineData("names that are keywords or the generator's own", """
        public interface IThing : IGrainWithStringKey { Task @class(int @int, string request, int codecs, object method, int arg0, CancellationToken writer); }
        """)]
    [InlineData("overloads with aliases", """
        public interface IThing : IGrainWithStringKey { [Alias("a")] Task Run(); [Alias("b")] Task Run(int x); }
        """)]
    [InlineData("inherited interfaces, diamonds included", """
        public interface IRoot : IGrain { Task Root(); }
        public interface ILeft : IRoot { Task Left(); }
        public interface IRight : IRoot { Task Right(); }
        public interface IBoth : ILeft, IRight, IGrainWithGuidKey, IRemindable { Task Both(); }
        """)]
    [InlineData("nested, internal and global types", """
        internal static class Outer { internal interface IThing : IGrainObserver { void Told(Message m); }  [GenerateSerializer] internal sealed record Message { [Id(0)] public int? X { get; init; } } }
        """)]
    [InlineData("partial declarations", """
        public partial interface IThing : IGrainWithStringKey { Task A(); }
        public partial interface IThing { Task B(); }
        public partial class Thing : Grain, IThing { public Task A() => Task.CompletedTask; }
        public partial class Thing : IThing { public Task B() => Task.CompletedTask; }
        """)]
    [InlineData("every form of member", """
        [GenerateSerializer] public class Base { [Id(0)] protected int _a; [Id(1)] private readonly string _b = ""; [Id(2)] public int C { get; protected set; } [Id(3)] internal int D { get; private init; } }
        [GenerateSerializer] public sealed class Derived : Base { [Id(0)] public required string A { get; init; } [Id(1)] public int B { get; init; } = 5; [Id(2)] public int[] C2 { get; } = []; [Id(3)] public required int E; }
        [GenerateSerializer] public readonly struct Point { [Id(0)] public readonly int X; [Id(1)] public int Y { get; init; } [Id(2)] public int Z { get; } }
        [GenerateSerializer] public record struct Pair([property: Id(0)] int A, [property: Id(1)] string B);
        [GenerateSerializer] public sealed record Positional([property: Id(0)] int A, [property: Id(1)] string B);
        [GenerateSerializer] public sealed class Empty { }
        [GenerateSerializer] public sealed record Keywords { [Id(0)] public int @class { get; set; } [Id(1)] public required string @default { get; init; } }
        [GenerateSerializer] public abstract record Answer { [GenerateSerializer] public sealed record Yes : Answer { } [GenerateSerializer] public sealed record No : Answer { [Id(0)] public required string Why { get; init; } } }
        [GenerateSerializer] public sealed class Tree<T> where T : notnull { [Id(0)] public T? Value { get; set; } [Id(1)] public List<Tree<T>>? Children { get; set; } [Id(2)] private Dictionary<string, T>? _named; }
        [GenerateSerializer] public enum Colour : ulong { Red }
        [GenerateSerializer] public sealed class NoWayIn { private NoWayIn(int a) => A = a; [Id(0)] public int A { get; } }
        [GenerateSerializer] public class Failure : Exception { public Failure(string m) : base(m) { } [Id(0)] public int Code { get; set; } }
        """)]
    [InlineData("surrogates", """
        public sealed class Foreign { } public struct Other { }
        [GenerateSerializer] public struct S { [Id(0)] public int X; }
        [RegisterConverter] public sealed class C : IConverter<Foreign, S>, IConverter<Other, S>
        {
            public Foreign ConvertFromSurrogate(in S s) => new(); public S ConvertToSurrogate(in Foreign f) => default;
            Other IConverter<Other, S>.ConvertFromSurrogate(in S s) => default; S IConverter<Other, S>.ConvertToSurrogate(in Other f) => default;
        }
        """)]
    [InlineData("grain classes with every form of constructor", """
        public interface IThing : IGrainWithStringKey { Task Run(); }
        public sealed class State { }
        public abstract class ThingBase : Grain, IThing { public Task Run() => Task.CompletedTask; }
        public sealed class PlainGrain : ThingBase { }
        [GrainType("named")] public sealed class ServicesGrain(TimeProvider time, IServiceProvider? none = null) : ThingBase { public object?[] All => [time, none]; }
        public sealed class StateGrain([PersistentState("a", "store")] IPersistentState<State> a, [PersistentState("b")] IPersistentState<int> b) : ThingBase { public object[] All => [a, b]; }
        internal sealed class PocoGrain(IGrainContext context) : IGrainBase, IThing { public IGrainContext GrainContext => context; public Task Run() => Task.CompletedTask; }
        """)]
    public void Grain_code_compiles_after_generation(string what, string source)
    {
        _ = what;
        var generated = Generated.From(source);
        Assert.Empty(generated.Problems);
        Assert.Empty(generated.Errors);
    }

    [Fact]
    public void Facets_become_calls_with_the_state_type()
    {
        var text = Generated.From("""
            public interface IThing : IGrainWithStringKey { Task Run(); }
            public sealed class State { }
            public sealed class ThingGrain([PersistentState("a", "store")] IPersistentState<State> a) : Grain, IThing { public Task Run() => Task.FromResult(a); }
            """).Text;
        Assert.Contains("""PersistentState<global::State>(context, "a", "store")""", text, StringComparison.Ordinal);
        Assert.Contains("typeof(global::ThingGrain), \"thing\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Immutable_arguments_and_results_are_not_copied()
    {
        var text = Generated.From("""
            [GenerateSerializer, Immutable] public sealed record Message { }
            public interface IThing : IGrainWithStringKey { [return: Immutable] Task<byte[]> Run(Message m, string s, Guid g, int? i, [Immutable] byte[] b); }
            """).Text;
        Assert.DoesNotContain("CopyArguments", text, StringComparison.Ordinal);
        Assert.DoesNotContain("CopyResult", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutable_arguments_and_results_are_copied()
    {
        var text = Generated.From(
            "public interface IThing : IGrainWithStringKey { Task<byte[]> Run(string s, List<int> l); }").Text;
        Assert.Contains("Arg1 = codecs.Codec1.Copy(Arg1);", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Codec0", text, StringComparison.Ordinal);
        Assert.Contains("CopyResult", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_assembly_without_grain_code_gets_nothing() =>
        Assert.Empty(Generated.From("public class Plain : IDisposable { public void Dispose() { } }").Text);

    [Fact]
    public void An_edit_elsewhere_repeats_no_work()
    {
        var compilation = Generated.Compile("""
            public interface IThing : IGrainWithStringKey { Task<Message> Run(Message m); }
            [GenerateSerializer] public sealed record Message { [Id(0)] public int X { get; init; } }
            public sealed class ThingGrain : Grain, IThing { public Task<Message> Run(Message m) => Task.FromResult(m); }
            """, "public class Other { }");
        var driver = Generated.NewDriver().RunGenerators(compilation);
        var edited = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees.Last(), CSharpSyntaxTree.ParseText(
                "public class Other { int _x; }", new CSharpParseOptions(LanguageVersion.Latest)));
        var result = driver.RunGenerators(edited).GetRunResult().Results.Single();
        var reasons = result.TrackedOutputSteps.SelectMany(s => s.Value)
            .SelectMany(s => s.Outputs)
            .Select(o => o.Reason);
        Assert.All(reasons, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}
