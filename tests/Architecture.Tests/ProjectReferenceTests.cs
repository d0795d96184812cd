using System.Xml.Linq;

namespace Vault.Architecture.Tests;

/// <summary>Who may reference whom; arrows go one way.</summary>
public sealed class ProjectReferenceTests
{
    /// <summary>
    /// What each project's file may reference. The grain engine is not in it: Directory.Build.targets adds it by role,
    /// and project files never mention it.
    /// </summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Protocol"] = [],
        ["Sql"] = [],
        ["Runtime.Contracts"] = [],
        ["Runtime.Generator"] = [],
        ["Runtime"] = ["Runtime.Contracts"],
        ["Runtime.Sql"] = ["Sql"],
        ["Storage"] = ["Protocol"],
        ["Events"] = ["Protocol"],
        ["Grains.Abstractions"] = ["Protocol"],
        ["Grains"] = ["Events", "Grains.Abstractions", "Storage", "Protocol", "Sql"],
        ["Gateway"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["S3Gateway"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["ControlPlane"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["Silo"] =
        [
            "Protocol", "Sql", "Events", "Runtime.Sql", "Storage", "Grains.Abstractions", "Grains", "Gateway",
            "S3Gateway", "ControlPlane", "Client", "Cli",
        ],
        ["Client"] = ["Protocol"],
        ["Cli"] = ["Client", "Protocol"],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("src", "*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_below_it(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        Assert.True(
            Allowed.TryGetValue(name, out var allowed), $"{name} has no row in the table of who may reference whom.");
        var references = XDocument.Parse(Repository.Read(path)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_lies_in_the_folder_of_its_name(string path) =>
        Assert.Equal($"src/{Path.GetFileNameWithoutExtension(path)}/{Path.GetFileName(path)}", path);

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = XDocument.Parse(Repository.Read("Vault.slnx"))
            .Descendants("Project")
            .Select(p => p.Attribute("Path")!.Value)
            .ToList();
        Assert.Equal(solution.Count, solution.Distinct().Count());
        var projects = new[] { "src", "tests", "bench" }.Where(f => Directory.Exists(Path.Combine(Repository.Root, f)))
            .SelectMany(f => Repository.Files(f, "*.csproj"));
        Assert.Empty(projects.Except(solution));
    }
}
