using System.Net;
using System.Text.Json.Nodes;
using Vault.Silo.Serve;
using Vault.Testing;

namespace Vault.Manifests.Tests;

/// <summary>Ports and paths in the manifests are those that the program listens on and answers.</summary>
public sealed class PortTests
{
    public static TheoryData<string> Overlays =>
        ["k8s/base", "k8s/overlays/dev", "k8s/overlays/production", "k8s/overlays/alike"];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_role_shows_the_ports_that_it_opens_and_no_other(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        var defaults = new ServeOptions();
        foreach (var container in rendering.Vaults.Select(w => new VaultContainer(rendering, w)))
        {
            var expected = new Dictionary<string, int>();
            void Expect(string role, string port, int? number)
            {
                var opens = role.Length == 0 ? container.Roles.Length > 0 : container.Roles.Contains(role);
                if (opens && number is { } open) expected[port] = open;
            }

            Expect("s3", "s3", container.Number("Vault__S3Port", defaults.S3Port));
            Expect("s3", "s3-tls", container.Number("Vault__S3TlsPort", defaults.S3TlsPort));
            Expect("silo", "silo", container.Number("Vault__SiloPort", defaults.SiloPort));
            Expect("silo", "gateway", container.Number("Vault__GatewayPort", defaults.GatewayPort));
            Expect("node", "node", container.Number("Vault__NodePort", defaults.NodePort));
            Expect("", "control", container.Number("Vault__ControlPort", defaults.ControlPort));
            Assert.Equal(expected.OrderBy(p => p.Key), container.Ports.OrderBy(p => p.Key));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Clients_of_the_cluster_ask_for_silos_where_the_service_has_them(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        var service = rendering.One("Service", "vault-silos");
        Assert.Equal("None", (string?)service["spec"]!["clusterIP"]);
        var port = Rendering.List(service["spec"]!["ports"]).Single(p => (string?)p["name"] == "gateway");
        var clients = rendering.Vaults.Select(w => new VaultContainer(rendering, w))
            .Where(c => c.Roles.Length > 0 && !c.Roles.Contains("silo")).ToArray();
        Assert.Equal(overlay == "k8s/overlays/alike" ? 0 : 3, clients.Length);
        Assert.All(clients, c => Assert.Equal($"vault-silos:{(int)port["port"]!}", c.Environment["VAULT_SILOS"]));
        Assert.All(clients, c => Assert.DoesNotContain("DATABASE_URL", c.Environment.Keys));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Services_lead_to_ports_of_pods_and_the_monitor_to_every_pod(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        foreach (var service in rendering.Of("Service"))
        {
            var selector = new JsonObject { ["matchLabels"] = service["spec"]!["selector"]!.DeepClone() };
            var pods = rendering.Workloads.Where(w => Rendering.Picks(selector, Rendering.PodLabels(w))).ToArray();
            Assert.NotEmpty(pods);
            foreach (var port in Rendering.List(service["spec"]!["ports"]))
            {
                Assert.Contains(pods.SelectMany(Rendering.Containers).SelectMany(c => Rendering.List(c["ports"])),
                    p => (string?)p["name"] == (string?)port["targetPort"]);
            }
        }

        foreach (var monitor in rendering.Of("ServiceMonitor"))
        {
            var service = rendering.Of("Service")
                .Single(s => Rendering.Picks(monitor["spec"]!["selector"]!, s["metadata"]!["labels"]!.AsObject()));
            var selector = new JsonObject { ["matchLabels"] = service["spec"]!["selector"]!.DeepClone() };
            Assert.All(rendering.Vaults, w => Assert.True(Rendering.Picks(selector, Rendering.PodLabels(w))));
            Assert.Equal("control", (string?)monitor["spec"]!["endpoints"]![0]!["port"]);
        }
    }

    [Fact]
    public async Task The_program_answers_what_probes_and_prometheus_ask()
    {
        var rendering = await Rendering.OfAsync("k8s/base");
        var paths = rendering.Vaults.SelectMany(w => new VaultContainer(rendering, w).Probes)
            .Select(p => p.Probe["httpGet"]!)
            .Concat(rendering.Of("ServiceMonitor").SelectMany(m => Rendering.List(m["spec"]!["endpoints"])))
            .Select(p =>
            {
                Assert.Equal("control", (string?)p["port"]);
                return (string)p["path"]!;
            }).ToHashSet();
        Assert.Equal(3, paths.Count);
        await using var vault = await VaultProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = vault.Control };
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
