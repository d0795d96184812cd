using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Vault.Manifests.Tests;

/// <summary>The objects of one kustomization, as a cluster gets them.</summary>
internal sealed class Rendering
{
    private static readonly ConcurrentDictionary<string, Task<string>> Rendered = new();

    private Rendering(JsonArray objects) => Objects = [.. objects.Select(o => o!)];

    public IReadOnlyList<JsonNode> Objects { get; }

    /// <summary>Workloads, whatever their image.</summary>
    public IEnumerable<JsonNode> Workloads => Objects.Where(o => o["spec"]?["template"]?["spec"] is not null);

    /// <summary>Workloads that run this program.</summary>
    public IEnumerable<JsonNode> Vaults => Workloads.Where(w => Label(w, "app.kubernetes.io/name") == "vault");

    /// <summary>A fresh copy, which a test may change.</summary>
    public static async Task<Rendering> OfAsync(string overlay) => new(JsonNode.Parse(await Rendered.GetOrAdd(
        overlay, static path => Checkout.NodeAsync("render.mjs", [Checkout.PathOf(path)])))!.AsArray());

    /// <summary>What the published schemas have against the objects, one line each.</summary>
    public async Task<string[]> FaultsAsync() => (await Checkout.NodeAsync(
        "check.mjs", [], new JsonArray([.. Objects.Select(o => o.DeepClone())]).ToJsonString()))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public IEnumerable<JsonNode> Of(string kind) => Objects.Where(o => (string?)o["kind"] == kind);

    public JsonNode One(string kind, string name) => Of(kind).Single(o => NameOf(o) == name);

    public static string NameOf(JsonNode node) => (string)node["metadata"]!["name"]!;

    public static string? Label(JsonNode node, string label) => (string?)node["metadata"]?["labels"]?[label];

    /// <summary>Labels of the pods of a workload.</summary>
    public static JsonObject PodLabels(JsonNode workload) =>
        workload["spec"]!["template"]!["metadata"]!["labels"]!.AsObject();

    public static JsonNode Pod(JsonNode workload) => workload["spec"]!["template"]!["spec"]!;

    public static IEnumerable<JsonNode> Containers(JsonNode workload) =>
        List(Pod(workload)["initContainers"]).Concat(List(Pod(workload)["containers"]));

    public static IEnumerable<JsonNode> List(JsonNode? list) => list?.AsArray().Select(item => item!) ?? [];

    /// <summary>Whether a label selector picks a pod with these labels.</summary>
    public static bool Picks(JsonNode selector, JsonObject labels)
    {
        var exact = selector["matchLabels"]?.AsObject() ?? [];
        return exact.All(l => (string?)labels[l.Key] == (string?)l.Value)
            && List(selector["matchExpressions"]).All(e => (string)e["operator"]! == "In"
                && List(e["values"]).Any(v => (string?)v == (string?)labels[(string)e["key"]!]));
    }
}
