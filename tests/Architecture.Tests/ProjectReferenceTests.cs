using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vault.Architecture.Tests;

/// <summary>Who may reference whom, and who may know of Orleans; arrows go one way.</summary>
public sealed partial class ProjectReferenceTests
{
    /// <summary>What of Orleans comes with its Sdk: contracts, messages, the way to call a grain.</summary>
    private static readonly string[] SdkAssemblies =
    [
        "Orleans.Core", "Orleans.Core.Abstractions", "Orleans.Serialization", "Orleans.Serialization.Abstractions",
    ];

    /// <summary>What each project's file may reference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Protocol"] = [],
        ["Sql"] = [],
        ["Sql.Orleans"] = ["Sql"],
        ["Storage"] = ["Protocol"],
        ["Events"] = ["Protocol", "Sql"],
        ["Grains.Abstractions"] = ["Protocol"],
        ["Grains"] = ["Events", "Grains.Abstractions", "Storage", "Protocol", "Sql"],
        ["Gateway"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["S3Gateway"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["ControlPlane"] = ["Events", "Grains.Abstractions", "Protocol", "Storage"],
        ["Silo"] =
        [
            "Protocol", "Sql", "Sql.Orleans", "Events", "Storage", "Grains.Abstractions", "Grains", "Gateway",
            "S3Gateway", "ControlPlane", "Client", "Cli",
        ],
        ["Client"] = ["Protocol", "Storage"],
        ["Cli"] = ["Client", "Protocol"],
    };

    /// <summary>
    /// Which packages of Orleans a project's file may name; who is not in it may name none. Server, client, providers
    /// and connections are the Silo's alone.
    /// </summary>
    private static readonly Dictionary<string, string[]> AllowedOrleans = new(StringComparer.Ordinal)
    {
        ["Grains.Abstractions"] = ["Sdk"],
        ["Gateway"] = ["Sdk"],
        ["S3Gateway"] = ["Sdk"],
        ["ControlPlane"] = ["Sdk"],
        ["Grains"] = ["Sdk", "Reminders", "Runtime"],
        ["Sql.Orleans"] = ["Sdk", "Reminders", "Runtime"],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("src", "*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_below_it(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        Assert.True(
            Allowed.TryGetValue(name, out var allowed), $"{name} has no row in the table of who may reference whom.");
        var references = Items(path, "ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));
        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_names_only_its_part_of_Orleans(string path)
    {
        const string prefix = "Microsoft.Orleans.";
        var name = Path.GetFileNameWithoutExtension(path);
        if (name == "Silo")
        {
            return;
        }

        var packages = Items(path, "PackageReference").Where(p => p.StartsWith(prefix, StringComparison.Ordinal));
        Assert.Empty(packages.Select(p => p[prefix.Length..]).Except(AllowedOrleans.GetValueOrDefault(name, [])));
    }

    [Fact]
    public void Below_the_grains_and_in_front_of_them_nobody_uses_more_of_Orleans_than_its_package()
    {
        var uses = Repository.ProductAssemblies
            .Select(a => (a.GetName().Name, Orleans: a.GetReferencedAssemblies().Select(r => r.Name!)
                .Where(r => r.StartsWith("Orleans.", StringComparison.Ordinal))))
            .Where(a => a.Name is not ("vault" or "Vault.Grains" or "Vault.Sql.Orleans"))
            .SelectMany(a => a.Orleans
                .Except(AllowedOrleans.ContainsKey(a.Name!["Vault.".Length..]) ? SdkAssemblies : [])
                .Select(r => $"{a.Name} uses {r}"));
        Assert.Empty(uses);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_lies_in_the_folder_of_its_name(string path) =>
        Assert.Equal($"src/{Path.GetFileNameWithoutExtension(path)}/{Path.GetFileName(path)}", path);

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = ProjectPath().Matches(Repository.Read(Path.GetFileName(Repository.Solution)))
            .Select(m => m.Groups[1].Value.Replace('\\', '/'))
            .ToList();
        Assert.Equal(solution.Count, solution.Distinct().Count());
        var projects = new[] { "src", "tests", "bench" }.Where(f => Directory.Exists(Path.Combine(Repository.Root, f)))
            .SelectMany(f => Repository.Files(f, "*.csproj"));
        Assert.Empty(projects.Except(solution));
    }

    private static IEnumerable<string> Items(string path, string kind) =>
        XDocument.Parse(Repository.Read(path)).Descendants(kind).Select(r => r.Attribute("Include")!.Value);

    [GeneratedRegex(@"""([^""]+\.csproj)""")]
    private static partial Regex ProjectPath();
}
