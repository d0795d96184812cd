using System.Text.RegularExpressions;

namespace Vault.Architecture.Tests;

/// <summary>
/// The grain engine is a choice of the build. Apart from the engine itself, the build's one file and the host's wiring,
/// nothing says which one it is, so that the same sources build on either.
/// </summary>
public sealed partial class EngineTests
{
    /// <summary>The engine itself and its own tests and benchmarks.</summary>
    private static readonly string[] Engine =
    [
        "src/Runtime/", "src/Runtime.Contracts/", "src/Runtime.Generator/", "tests/Runtime.Tests/",
        "tests/Runtime.Contracts.Tests/", "tests/Runtime.Generator.Tests/", "tests/Runtime.Conformance.Tests/",
        "tests/Runtime.Simulation/", "tests/Runtime.Versions.New/", "tests/Runtime.Versions.Old/", "tests/Architecture.Tests/",
        "bench/Runtime.Bench/",
    ];

    /// <summary>Membership exists on our engine only, and lives in one folder of Runtime.Sql.</summary>
    private static readonly string[] Wiring =
    [
        "src/Silo/Engine/", "src/Runtime.Sql/Membership/", "tests/Runtime.Sql.Tests/Membership/",
    ];

    [Fact]
    public void Nothing_but_the_host_wiring_mentions_the_engine()
    {
        var mentions = new List<string>();
        foreach (var file in Sources().Where(f => !Array.Exists(Engine, f.StartsWith)
            && !Array.Exists(Wiring, f.StartsWith)))
        {
            mentions.AddRange(Mention().Matches(Repository.Read(file)).Select(m => $"{file}: {m.Value}"));
        }

        Assert.Empty(mentions);
    }

    [Fact]
    public void The_host_wiring_is_at_most_one_file_per_engine()
    {
        var folder = Path.Combine(Repository.Root, "src", "Silo", "Engine");
        var files = Directory.Exists(folder) ? Repository.Files("src/Silo/Engine", "*").ToList() : [];
        Assert.InRange(files.Count, 0, 2);
    }

    [Fact]
    public void No_file_repeats_the_global_usings_of_the_grain_api()
    {
        string[] folders =
        [
            "src/Grains.Abstractions/", "src/Grains/", "src/S3Gateway/", "src/ControlPlane/", "src/Gateway/",
            "src/Silo/",
        ];
        var repeated =
            Sources().Where(f => Array.Exists(folders, f.StartsWith) && f.EndsWith(".cs", StringComparison.Ordinal))
                .Where(f => GlobalUsing().IsMatch(Repository.Read(f)));
        Assert.Empty(repeated);
    }

    private static IEnumerable<string> Sources() => new[] { "src", "tests", "bench" }
        .Where(folder => Directory.Exists(Path.Combine(Repository.Root, folder)))
        .SelectMany(folder => Repository.Files(folder, "*.cs")
            .Concat(Repository.Files(folder, "*.csproj"))
            .Concat(Repository.Files(folder, "*.props")));

    [GeneratedRegex(
        @"GrainEngine|GRAIN_ENGINE\w*|Vault\.Runtime(?!\.Sql|\.Simulation)\b|Microsoft\.Orleans\.\w+|"
        + @"[/\\]Runtime(\.Contracts|\.Generator)?[/\\]")]
    private static partial Regex Mention();

    [GeneratedRegex(@"^\s*(global )?using (Orleans|Orleans\.Runtime|Orleans\.Hosting);", RegexOptions.Multiline)]
    private static partial Regex GlobalUsing();
}
