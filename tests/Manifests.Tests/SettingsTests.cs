using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Manifests.Tests;

/// <summary>Environment and arguments of every container are what the program itself takes.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Wrong = "NoSuchSetting";

    private readonly string _directory = Directory.CreateTempSubdirectory("vault-manifests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("k8s/base", 5)]
    [InlineData("k8s/overlays/dev", 5)]
    [InlineData("k8s/overlays/production", 5)]
    [InlineData("k8s/overlays/alike", 2)]
    public async Task The_program_knows_every_setting_in_the_environment(string overlay, int workloads)
    {
        var rendering = await Rendering.OfAsync(overlay);
        var containers = rendering.Vaults.Select(w => new VaultContainer(rendering, w)).ToArray();
        Assert.Equal(workloads, containers.Length);
        foreach (var container in containers)
        {
            Assert.NotEmpty(container.Environment);
            var unknown = await UnknownAsync(container, [.. container.Settings, $"Vault__{Wrong}"]);
            Assert.Contains($"'Vault:{Wrong}'", Assert.Single(unknown), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_name_that_the_program_does_not_know_is_found()
    {
        var rendering = await Rendering.OfAsync("k8s/base");
        var silo = new VaultContainer(rendering, rendering.One("StatefulSet", "vault-silo"));
        var unknown = await UnknownAsync(silo, ["STATE_BACKEND", "STATE_BACKENDS", "Vault__Hosts"]);
        Assert.Equal(2, unknown.Count);
        Assert.Contains(unknown, line => line.Contains("'STATE_BACKENDS'", StringComparison.Ordinal));
        Assert.Contains(unknown, line => line.Contains("'Vault:Hosts'", StringComparison.Ordinal));
    }

    /// <summary>
    /// What the program has against settings of these names. In a file it refuses those that it does not know, all at
    /// once and before it does anything; one is always among them, so that it never starts.
    /// </summary>
    private async Task<IReadOnlyList<string>> UnknownAsync(VaultContainer container, string[] names)
    {
        var settings = new JsonObject();
        foreach (var name in names)
        {
            var at = settings;
            var path = name.Split("__");
            foreach (var section in path[..^1])
            {
                if (at[section] is not JsonObject inner) at[section] = inner = [];
                at = inner;
            }

            at[path[^1]] = "";
        }

        var file = Path.Combine(_directory, "settings.json");
        await File.WriteAllTextAsync(file, settings.ToJsonString());
        var (process, log) = VaultProcess.Launch(_directory, null, [.. container.ServeArguments, "--config", file]);
        using (process)
        {
            await process.WaitForExitAsync();
            Assert.Equal(2, process.ExitCode);
        }

        return log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
