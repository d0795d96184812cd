using System.Diagnostics;

namespace Vault.Silo.Tests;

/// <summary>The script <c>./vault</c>, run as users run it: standard error stands for their terminal.</summary>
public sealed class ScriptTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Up_detached_shows_the_recovery_key_on_the_terminal_and_leaves_it_in_no_file()
    {
        var root = Directory.CreateTempSubdirectory("vault-script-").FullName;
        var (data, config, temporary) =
            (Path.Combine(root, "data"), Path.Combine(root, "config"), Path.Combine(root, "tmp"));
        Directory.CreateDirectory(temporary);
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = config, ["TMPDIR"] = temporary };
        try
        {
            var (code, output, terminal) = await RunAsync(
                environment, "up", "--data", data, "--s3-port", "0", "--control-port", "0", "--detach");
            Assert.True(code == 0, terminal);
            Assert.Contains("vrk1", terminal, StringComparison.Ordinal);
            Assert.Contains("Access key id", output, StringComparison.Ordinal);

            // What the script prints is what stood in its temporary file.
            Assert.DoesNotContain("vrk1", output, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(temporary, "tmp.*"));
            var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(data, "vault.pid"), Token), null);
            Assert.True(Directory.Exists($"/proc/{pid}"));

            var (stopped, _, complaint) = await RunAsync(environment, "down", "--data", data);
            Assert.True(stopped == 0, complaint);
            Assert.False(Directory.Exists($"/proc/{pid}"));
            Assert.True(File.Exists(Path.Combine(data, "vault.log")));
            foreach (var file in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
            {
                var bytes = await File.ReadAllBytesAsync(file, Token);
                Assert.True(bytes.AsSpan().IndexOf("vrk1"u8) < 0, $"{file} holds a recovery key");
            }

            PrivateFiles.AssertOwnersAlone(data);
            PrivateFiles.AssertOwnersAlone(config);
        }
        finally
        {
            if (File.Exists(Path.Combine(data, "vault.pid"))) await RunAsync(environment, "down", "--data", data);
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Help_of_up_does_not_build()
    {
        var (code, output, terminal) = await RunAsync([], "up", "--help");
        Assert.Equal(0, code);
        Assert.Contains("--data", output, StringComparison.Ordinal);
        Assert.Equal("", terminal);
    }

    [Fact]
    public async Task Up_detached_into_one_file_shows_the_recovery_key_and_the_banner()
    {
        var root = Directory.CreateTempSubdirectory("vault-script-").FullName;
        var (data, output) = (Path.Combine(root, "data"), Path.Combine(root, "output"));
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Path.Combine(root, "config") };
        var command = $"'{Script}' up --data '{data}' --s3-port 0 --control-port 0 --detach >'{output}' 2>&1";
        try
        {
            var (code, _, _) = await RunProgramAsync("/bin/sh", environment, "-c", command);
            var shown = await File.ReadAllTextAsync(output, Token);
            Assert.True(code == 0, shown);
            Assert.Contains("vrk1", shown, StringComparison.Ordinal);
            Assert.Contains("Access key id", shown, StringComparison.Ordinal);
        }
        finally
        {
            if (File.Exists(Path.Combine(data, "vault.pid"))) await RunAsync(environment, "down", "--data", data);
            Directory.Delete(root, recursive: true);
        }
    }

    private static Task<(int Code, string Output, string Terminal)> RunAsync(
        Dictionary<string, string> environment, params string[] arguments) =>
        RunProgramAsync(Script, environment, arguments);

    private static async Task<(int Code, string Output, string Terminal)> RunProgramAsync(
        string program, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var terminal = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await terminal);
    }

    private static string Script
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Vault.sln")))
                folder = folder.Parent;
            return Path.Combine(folder!.FullName, "vault");
        }
    }
}
