using System.Diagnostics;
using System.Reflection;

namespace Vault.Manifests.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "Root").Value!;

    public static string PathOf(string path) => Path.Combine(Root, path);

    /// <summary>Runs one of the scripts in <c>js</c>; what it wrote.</summary>
    public static async Task<string> NodeAsync(string script, string[] arguments, string input = "")
    {
        var path = PathOf(Path.Combine("tests/Manifests.Tests/js", script));
        var start = new ProcessStartInfo("node", [path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} exited {process.ExitCode}: {await error}");
        return await output;
    }
}
