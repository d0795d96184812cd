using System.Reflection;

namespace Vault.Architecture.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The solution's file, at the root.</summary>
    public static string Solution { get; } = FindSolution();

    public static string Root { get; } = Path.GetDirectoryName(Solution)!;

    public static string Tests => Path.Combine(Root, "tests", "Architecture.Tests");

    /// <summary>Source files of a folder, without build output; paths are relative to the root, with slashes.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The product's assemblies, loaded from the output folder.</summary>
    public static IReadOnlyList<Assembly> ProductAssemblies { get; } =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("Vault.", StringComparison.Ordinal) || name == "vault.dll")
                && !name.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Assembly.LoadFrom),
    ];

    private static string FindSolution()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("Vault.sln*").FirstOrDefault() is { } solution)
            {
                return solution.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}
