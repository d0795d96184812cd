using System.Text.Json.Nodes;

namespace Vault.Manifests.Tests;

/// <summary>A container that runs this program, as its manifest starts it.</summary>
internal sealed class VaultContainer
{
    public VaultContainer(Rendering rendering, JsonNode workload)
    {
        Workload = workload;
        Node = Rendering.Containers(workload).Single();
        foreach (var source in Rendering.List(Node["envFrom"]))
        {
            var map = rendering.One("ConfigMap", (string)source["configMapRef"]!["name"]!);
            foreach (var (name, value) in map["data"]!.AsObject()) Environment[name] = (string?)value;
        }

        foreach (var entry in Rendering.List(Node["env"]))
            Environment[(string)entry["name"]!] = (string?)entry["value"];
    }

    public JsonNode Workload { get; }

    public JsonNode Node { get; }

    public string Name => Rendering.NameOf(Workload);

    /// <summary>Variables in the order of their names; null stands for a reference.</summary>
    public SortedDictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Variables for the program, not those of which others are made.</summary>
    public IEnumerable<string> Settings => Environment.Keys
        .Where(name => !Environment.Values.Any(v => v?.Contains($"$({name})", StringComparison.Ordinal) == true));

    public string[] Arguments => [.. Rendering.List(Node["args"]).Select(a => (string)a!)];

    /// <summary>Arguments without the supervisor's.</summary>
    public string[] ServeArguments => Arguments is ["supervise", "--", .. var rest] ? rest : Arguments;

    /// <summary>Its roles; empty for what does not serve.</summary>
    public string[] Roles => Environment.GetValueOrDefault("VAULT_ROLES")?.Split(',') ?? [];

    /// <summary>Container ports by name.</summary>
    public IReadOnlyDictionary<string, int> Ports => Rendering.List(Node["ports"])
        .ToDictionary(p => (string)p["name"]!, p => (int)p["containerPort"]!);

    public IEnumerable<(string Name, JsonNode Probe)> Probes =>
        from name in new[] { "startupProbe", "readinessProbe", "livenessProbe" }
        where Node[name] is not null
        select (name, Node[name]!);

    /// <summary>A time among the variables, or what the program takes without it.</summary>
    public TimeSpan Time(string variable, TimeSpan otherwise) =>
        Environment.TryGetValue(variable, out var text) && text is not null
            ? TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;

    /// <summary>A number among the variables, or what the program takes without it.</summary>
    public int? Number(string variable, int? otherwise) =>
        Environment.TryGetValue(variable, out var text) && text is not null
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;
}
