namespace Vault.Manifests.Tests;

/// <summary>What kustomize makes of <c>k8s/</c> is what the published schemas of Kubernetes allow.</summary>
public sealed class SchemaTests
{
    [Theory]
    [InlineData("k8s/base")]
    [InlineData("k8s/overlays/dev")]
    [InlineData("k8s/overlays/production")]
    [InlineData("k8s/overlays/alike")]
    [InlineData("k8s/certificates")]
    public async Task Manifests_follow_the_published_schemas(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        Assert.True(rendering.Objects.Count > (overlay == "k8s/certificates" ? 3 : 18));
        Assert.Empty(await rendering.FaultsAsync());
    }

    [Fact]
    public async Task Mistakes_are_found()
    {
        var rendering = await Rendering.OfAsync("k8s/overlays/production");
        rendering.One("StatefulSet", "vault-silo")["spec"]!["replicaz"] = 3;
        rendering.One("Deployment", "vault-s3")["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!
            ["containerPort"] = "9000";
        rendering.One("ServiceMonitor", "vault")["spec"]!["endpoints"]![0]!["interval"] = "soon";
        rendering.One("Job", "vault-migrate")["spec"]!.AsObject().Remove("template");
        rendering.One("PodDisruptionBudget", "vault-s3")["apiVersion"] = "policy/v7";
        rendering.One("NetworkPolicy", "default-deny")["spec"]!["policyTypes"] = "Ingress";
        var faults = await rendering.FaultsAsync();
        foreach (var (of, about) in new[]
        {
            ("StatefulSet/vault-silo", "replicaz"), ("Deployment/vault-s3", "containerPort must be integer"),
            ("ServiceMonitor/vault", "pattern"), ("Job/vault-migrate", "template"),
            ("PodDisruptionBudget/vault-s3", "policy/v7"), ("NetworkPolicy/default-deny", "policyTypes must be array"),
        })
        {
            Assert.Contains(faults, fault => fault.StartsWith(of, StringComparison.Ordinal)
                && fault.Contains(about, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("nameSuffix: -x")]
    [InlineData("patches:\n- target: {kind: Pod, name: none}\n  patch: '[]'")]
    [InlineData("images:\n- name: vault\n  tagSuffix: x")]
    public async Task A_kustomization_that_the_renderer_does_not_know_is_refused(string yaml)
    {
        var directory = Directory.CreateTempSubdirectory("vault-manifests-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "kustomization.yaml"), yaml);
            await Assert.ThrowsAnyAsync<Exception>(() => Checkout.NodeAsync("render.mjs", [directory.FullName]));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Generated_settings_are_merged_and_a_change_of_them_rolls_the_pods()
    {
        var rendering = await Rendering.OfAsync("k8s/base");
        var settings = rendering.Of("ConfigMap").Single();
        var name = Rendering.NameOf(settings);
        Assert.Matches("^vault-settings-[0-9a-f]{10}$", name);
        foreach (var workload in rendering.Vaults.Where(w => (string)w["kind"]! != "Job"))
        {
            var source = Rendering.Containers(workload).Single()["envFrom"]![0]!;
            Assert.Equal(name, (string?)source["configMapRef"]!["name"]);
        }
    }
}
