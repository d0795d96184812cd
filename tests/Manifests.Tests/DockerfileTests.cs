using System.Diagnostics;

namespace Vault.Manifests.Tests;

/// <summary>The image is made of this checkout's sources, and starts as the manifests want it.</summary>
public sealed class DockerfileTests
{
    private static readonly string[] Lines = File.ReadAllText(Checkout.PathOf("Dockerfile"))
        .Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');

    /// <summary>What the build stage copies from the checkout.</summary>
    private static string[] Sources => [.. Lines
        .Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal))
        .SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..^1])];

    [Fact]
    public void Paths_that_are_copied_exist_and_are_not_ignored()
    {
        Assert.NotEmpty(Sources);
        Assert.All(Sources, path => Assert.True(Path.Exists(Checkout.PathOf(path)), $"{path} is not there"));
        var sent = File.ReadAllLines(Checkout.PathOf(".dockerignore"))
            .Where(l => l.StartsWith('!')).Select(l => l[1..]).Order();
        Assert.Equal(Sources.Order(), sent);
    }

    [Fact]
    public async Task The_image_has_what_the_program_needs_and_the_user_that_pods_run_as()
    {
        Assert.DoesNotContain(Lines, l => l.Contains("apt-get", StringComparison.Ordinal)); // libraries come with it
        var rendering = await Rendering.OfAsync("k8s/base");
        var ports = new SortedSet<int>();
        foreach (var workload in rendering.Vaults)
        {
            var context = Rendering.Pod(workload)["securityContext"]!;
            Assert.Equal($"USER {(int)context["runAsUser"]!}:{(int)context["runAsGroup"]!}", Line("USER "));
            ports.UnionWith(new VaultContainer(rendering, workload).Ports.Values);
        }

        Assert.Equal(ports, new SortedSet<int>(Line("EXPOSE ").Split(' ')[1..].Select(int.Parse)));
        Assert.Equal("""ENTRYPOINT ["/app/vault"]""", Line("ENTRYPOINT "));
    }

    /// <summary>
    /// Finds every project as the build stage does, from nothing but what it copies; with <c>--long</c> also publishes.
    /// </summary>
    [Fact]
    public async Task The_build_stage_has_all_that_a_program_is_made_of()
    {
        var directory = Directory.CreateTempSubdirectory("vault-image-").FullName;
        try
        {
            foreach (var path in Sources) Copy(path, directory);
            var publish = Lines.Single(l => l.Contains("dotnet publish", StringComparison.Ordinal));
            var arguments = publish[publish.IndexOf("publish", StringComparison.Ordinal)..]
                .Replace("/app", Path.Combine(directory, "app"), StringComparison.Ordinal);
            var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            await RunAsync("dotnet", ["restore", words[1], "-p:Configuration=Release"], directory);
            if (Environment.GetEnvironmentVariable("VAULT_TEST_LONG") != "1") return;
            await RunAsync("dotnet", words, directory);
            Assert.Contains("serve", await RunAsync(Path.Combine(directory, "app", "vault"), ["--help"], directory),
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Line(string start) =>
        Lines.Single(l => l.StartsWith(start, StringComparison.Ordinal));

    private static void Copy(string path, string directory)
    {
        var from = Checkout.PathOf(path);
        if (File.Exists(from))
        {
            File.Copy(from, Path.Combine(directory, path));
            return;
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(Checkout.Root, file);
            if (relative.Split('/').Any(part => part is "bin" or "obj" or "node_modules")) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(directory, relative))!);
            File.Copy(file, Path.Combine(directory, relative));
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string directory)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);
        return output;
    }
}
