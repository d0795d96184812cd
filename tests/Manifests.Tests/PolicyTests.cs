using System.Text.Json.Nodes;

namespace Vault.Manifests.Tests;

/// <summary>Who may talk to whom, by the rules of NetworkPolicy: both ends must allow it.</summary>
public sealed class PolicyTests
{
    private const string Outside = "outside";

    [Theory]
    [InlineData("s3", "silo", "gateway", true)]
    [InlineData("s3", "silo", "node", true)]
    [InlineData("gateway", "silo", "gateway", true)]
    [InlineData("control", "silo", "gateway", true)]
    [InlineData("silo", "silo", "silo", true)]
    [InlineData("silo", "silo", "node", true)]
    [InlineData("silo", "postgres", "postgres", true)]
    [InlineData("migrate", "postgres", "postgres", true)]
    [InlineData("silo", "redis", "redis", true)]
    [InlineData("s3", "redis", "redis", true)]
    [InlineData(Outside, "s3", "s3", true)]
    [InlineData(Outside, "control", "control", true)]
    [InlineData("s3", "silo", "silo", false)]
    [InlineData("silo", "silo", "gateway", false)]
    [InlineData("s3", "postgres", "postgres", false)]
    [InlineData("control", "postgres", "postgres", false)]
    [InlineData("migrate", "silo", "silo", false)]
    [InlineData("migrate", "silo", "gateway", false)]
    [InlineData("silo", "s3", "s3", false)]
    [InlineData("s3", "gateway", "control", false)]
    [InlineData("s3", "silo", "control", false)]
    [InlineData("redis", "silo", "silo", false)]
    [InlineData("redis", "silo", "gateway", false)]
    [InlineData("postgres", "silo", "silo", false)]
    [InlineData(Outside, "silo", "silo", false)]
    [InlineData(Outside, "silo", "gateway", false)]
    [InlineData(Outside, "silo", "node", false)]
    [InlineData(Outside, "silo", "control", false)]
    [InlineData(Outside, "s3", "control", false)]
    [InlineData(Outside, "gateway", "control", false)]
    [InlineData(Outside, "postgres", "postgres", false)]
    [InlineData(Outside, "redis", "redis", false)]
    public async Task In_development_only_these_may_talk(string from, string to, string port, bool allowed) =>
        Assert.Equal(allowed, Allows(await Rendering.OfAsync("k8s/overlays/dev"), from, to, port));

    [Theory]
    [InlineData(Outside, "s3", "s3-tls", true)]
    [InlineData(Outside, "s3", "s3", false)]
    [InlineData(Outside, "control", "control", false)]
    [InlineData("s3", "silo", "gateway", true)]
    public async Task In_production_only_https_comes_in(string from, string to, string port, bool allowed) =>
        Assert.Equal(allowed, Allows(await Rendering.OfAsync("k8s/overlays/production"), from, to, port));

    [Theory]
    [InlineData(Outside, "silo", "s3-tls", true)]
    [InlineData(Outside, "silo", "s3", false)]
    [InlineData(Outside, "silo", "control", false)]
    [InlineData(Outside, "silo", "gateway", false)]
    [InlineData("silo", "silo", "silo", true)]
    [InlineData("silo", "silo", "node", true)]
    public async Task Among_equals_only_https_comes_in(string from, string to, string port, bool allowed) =>
        Assert.Equal(allowed, Allows(await Rendering.OfAsync("k8s/overlays/alike"), from, to, port));

    [Fact]
    public async Task Only_silos_and_the_migration_reach_the_network_of_the_database()
    {
        var rendering = await Rendering.OfAsync("k8s/overlays/production");
        var policy = rendering.One("NetworkPolicy", "silos-to-database")["spec"]!;
        Assert.Equal(5432, (int)policy["egress"]![0]!["ports"]![0]!["port"]!);
        Assert.Equal(
            ["vault-migrate", "vault-silo"],
            rendering.Vaults.Where(w => Rendering.Picks(policy["podSelector"]!, Rendering.PodLabels(w)))
                .Select(Rendering.NameOf).Order());
    }

    private static bool Allows(Rendering rendering, string from, string to, string port)
    {
        var source = from == Outside ? null : LabelsOf(rendering, from);
        var target = LabelsOf(rendering, to);
        return (source is null || Side(rendering, "Egress", source, target, port))
            && Side(rendering, "Ingress", target, source, port);
    }

    private static JsonObject LabelsOf(Rendering rendering, string component) => rendering.Workloads
        .Select(Rendering.PodLabels)
        .Single(l => (string?)(l["app.kubernetes.io/component"] ?? l["app.kubernetes.io/name"]) == component);

    /// <summary>One end: a policy picks it, or nothing is denied; then one of the rules must let the peer in.</summary>
    private static bool Side(Rendering rendering, string direction, JsonObject own, JsonObject? peer, string port)
    {
        var policies = rendering.Of("NetworkPolicy").Select(p => p["spec"]!)
            .Where(p => Rendering.List(p["policyTypes"]).Any(t => (string?)t == direction)
                && Rendering.Picks(p["podSelector"]!, own)).ToArray();
        Assert.NotEmpty(policies);
        var (rules, peers) = direction == "Egress" ? ("egress", "to") : ("ingress", "from");
        return policies.SelectMany(p => Rendering.List(p[rules])).Any(rule =>
            (rule["ports"] is not { } ports || Rendering.List(ports).Any(p => p["port"]!.ToString() == port))
            && (rule[peers] is not { } some
                || Rendering.List(some).Any(s => peer is not null && s["podSelector"] is { } pods
                    && s["namespaceSelector"] is null && Rendering.Picks(pods, peer))));
    }
}
