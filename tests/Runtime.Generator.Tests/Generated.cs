using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orleans;

namespace Vault.Runtime.Generator.Tests;

/// <summary>A source text, and what the generator and then the compiler make of it.</summary>
internal sealed record Generated(ImmutableArray<Diagnostic> Problems, ImmutableArray<Diagnostic> Errors, string Text)
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.Threading; global using System.Threading.Tasks;
        global using Orleans; global using Orleans.Runtime; global using Orleans.Concurrency;
        """;

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Append(typeof(IGrain).Assembly.Location)
            .Distinct()
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static Generated From(string source)
    {
        var driver = NewDriver().RunGeneratorsAndUpdateCompilation(
            Compile(source), out var compilation, out var problems);
        return new Generated(
            problems,
            [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)],
            string.Join('\n', driver.GetRunResult().GeneratedTrees.Select(t => t.ToString())));
    }

    public static GeneratorDriver NewDriver() => CSharpGeneratorDriver.Create(
        [new GrainGenerator().AsSourceGenerator()],
        parseOptions: Options,
        driverOptions: new GeneratorDriverOptions(default, trackIncrementalGeneratorSteps: true));

    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "Sample",
        [.. sources.Prepend(Usings).Select(s => CSharpSyntaxTree.ParseText(s, Options, "sample.cs"))],
        References,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
}
