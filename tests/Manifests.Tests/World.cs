using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Manifests.Tests;

/// <summary>What is around the pods: Secrets, mounts, the name of the silos' service.</summary>
internal sealed class World(string directory, IReadOnlyDictionary<string, string> services)
{
    private readonly Dictionary<(string Name, string Key), string> _secrets = [];

    public string Directory { get; } = directory;

    public string? Secret(string name, string key) => _secrets.GetValueOrDefault((name, key));

    public void SetSecret(string name, string key, string value) => _secrets[(name, key)] = value;

    /// <summary>A setting as it is on this machine: names of services are addresses, mounts are folders.</summary>
    public string Rewrite(string text, VaultContainer container, string pod)
    {
        foreach (var (service, address) in services)
            text = text.Replace(service, address, StringComparison.Ordinal);
        if (!text.StartsWith('/')) return text;
        var mount = Rendering.List(container.Node["volumeMounts"]).Single(
            m => text.StartsWith((string)m["mountPath"]! + "/", StringComparison.Ordinal));
        var name = (string)mount["name"]!;
        var folder = System.IO.Directory.CreateDirectory(Path.Combine(pod, "mount-" + name)).FullName;
        var volume = Rendering.List(Rendering.Pod(container.Workload)["volumes"])
            .SingleOrDefault(v => (string?)v["name"] == name);
        if (volume?["secret"] is { } secret) LayDown(secret, folder);
        return folder + text[((string)mount["mountPath"]!).Length..];
    }

    /// <summary>Files of a Secret, with the mode that the manifest gives them.</summary>
    private void LayDown(JsonNode secret, string folder)
    {
        foreach (var item in Rendering.List(secret["items"]))
        {
            var path = Path.Combine(folder, (string)item["path"]!);
            if (File.Exists(path)) continue;
            File.WriteAllText(path, Secret((string)secret["secretName"]!, (string)item["key"]!));
            File.SetUnixFileMode(path, (UnixFileMode)(int)secret["defaultMode"]!);
        }
    }

    /// <summary>Runs the program to its end; it must succeed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (process, log) = VaultProcess.Launch(Directory, null, arguments);
        using (process)
        {
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"vault {string.Join(' ', arguments)}: {log}");
            return output;
        }
    }
}
