using System.Runtime.CompilerServices;
using Orleans;

namespace Vault.Runtime.Conformance.Tests;

/// <summary>
/// Our grain API has no public member that the published one lacks, and none with another signature. What the published
/// packages of the feed define or use is compared with their metadata; the rest with Baseline.txt, transcribed from the
/// specification of the grain API.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    private static readonly string Folder = AppContext.BaseDirectory;

    [Fact]
    public void Every_public_member_is_published_with_the_same_signature()
    {
        var comparison = Compare(out _);
        output.WriteLine($"{comparison.ByDefinition} members defined by published packages");
        output.WriteLine($"{comparison.ByReference} members used by published packages");
        output.WriteLine($"{comparison.ByBaseline} lines of the baseline");
        Assert.True(comparison.Problems.Count == 0, string.Join('\n', comparison.Problems));
    }

    [Fact]
    public void No_source_covers_fewer_members_than_before()
    {
        var comparison = Compare(out _);
        int[] now = [comparison.ByDefinition, comparison.ByReference, comparison.ByBaseline];
        var path = Source("Coverage.lock");
        if (Environment.GetEnvironmentVariable("VAULT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, $"{string.Join('\n', now)}\n");
        }

        var before = File.ReadAllLines(path).Select(int.Parse).ToArray();
        Assert.Equal(3, before.Length);
        Assert.All(
            now.Zip(before),
            pair => Assert.True(pair.First >= pair.Second, $"covered {pair.First}, before {pair.Second}"));
    }

    [Fact]
    public void The_baseline_lists_nothing_twice_and_nothing_that_a_package_defines()
    {
        _ = Compare(out var defined);
        var lines = BaselineLines();
        Assert.Equal(lines.Count, lines.Distinct(StringComparer.Ordinal).Count());
        var published =
            defined.Values.SelectMany(t => t.Members.Select(Comparison.MemberLine).Append(Comparison.ShapeLine(t)));
        Assert.Empty(lines.Intersect(published, StringComparer.Ordinal));
    }

    private static Comparison Compare(out Dictionary<string, TypeSurface> defined)
    {
        var packages = Directory.GetFiles(Path.Combine(Folder, "Published"), "*.dll");
        Assert.Equal(5, packages.Length);
        defined = packages.SelectMany(SurfaceReader.Read).ToDictionary(t => t.Name, StringComparer.Ordinal);
        var ours = new[] { typeof(IGrain).Assembly.Location, Path.Combine(Folder, "Vault.Runtime.dll") }
            .SelectMany(SurfaceReader.Read)
            .Where(t => !t.Name.StartsWith("Vault.", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(ours);
        return Comparison.Of(
            ours, defined, ReferenceReader.Read(packages), BaselineLines().ToHashSet(StringComparer.Ordinal));
    }

    private static List<string> BaselineLines() =>
        [.. File.ReadAllLines(Source("Baseline.txt")).Where(line => line.Length > 0 && line[0] != '#')];

    private static string Source(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, file);
}
