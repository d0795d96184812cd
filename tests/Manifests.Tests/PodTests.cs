using Vault.Silo.Serve;

namespace Vault.Manifests.Tests;

/// <summary>What every pod promises: no privileges, no secret in clear, time to drain, probes with a meaning.</summary>
public sealed class PodTests
{
    public static TheoryData<string> Overlays => PortTests.Overlays;

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task No_pod_has_a_privilege(string overlay)
    {
        foreach (var workload in (await Rendering.OfAsync(overlay)).Workloads)
        {
            var pod = Rendering.Pod(workload);
            Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
            Assert.True((int)pod["securityContext"]!["runAsUser"]! > 0);
            Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
            Assert.False((bool)pod["automountServiceAccountToken"]!);
            Assert.All(["hostNetwork", "hostPID", "hostIPC"], name => Assert.Null(pod[name]));
            foreach (var container in Rendering.Containers(workload))
            {
                var context = container["securityContext"]!;
                Assert.False((bool)context["privileged"]!);
                Assert.False((bool)context["allowPrivilegeEscalation"]!);
                Assert.True((bool)context["readOnlyRootFilesystem"]!);
                Assert.Equal("""["ALL"]""", context["capabilities"]!["drop"]!.ToJsonString());
                Assert.Null(context["capabilities"]!["add"]);
                Assert.NotNull(container["resources"]!["requests"]!["cpu"]);
                Assert.NotNull(container["resources"]!["requests"]!["memory"]);
                Assert.NotNull(container["resources"]!["limits"]!["memory"]);
                Assert.Null(container["resources"]!["limits"]!["cpu"]); // a throttled silo misses its probes
                Assert.DoesNotMatch(":latest$", (string)container["image"]!);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Secrets_are_named_and_never_there(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        Assert.Empty(rendering.Of("Secret"));
        foreach (var entry in rendering.Workloads.SelectMany(Rendering.Containers)
            .SelectMany(c => Rendering.List(c["env"])))
        {
            if ((string)entry["name"]! is not ("DATABASE_URL" or "INTERNAL_API_TOKEN" or "POSTGRES_PASSWORD"
                or "VAULT_CLUSTER_SECRET"))
            {
                continue;
            }

            Assert.Null(entry["value"]);
            Assert.NotNull(entry["valueFrom"]!["secretKeyRef"]);
        }

        var front = rendering.Vaults.Select(w => new VaultContainer(rendering, w)).ToArray();
        Assert.All(front, c => Assert.DoesNotContain("Vault__ClusterSecret", c.Environment.Keys));
        foreach (var silo in front.Where(c => !c.Roles.Contains("s3") && !c.Roles.Contains("control")))
        {
            // Grains see no key, so a silo has one only where front ends run in its process.
            Assert.DoesNotContain("Vault__ClusterKeysFile", silo.Environment.Keys);
            Assert.DoesNotContain("cluster-keys.json", silo.Workload.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Files_named_in_settings_are_mounted(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        foreach (var container in rendering.Vaults.Select(w => new VaultContainer(rendering, w)))
        {
            foreach (var path in container.Environment.Values.Where(v => v?.StartsWith('/') == true))
            {
                var mount = Rendering.List(container.Node["volumeMounts"]).Single(m =>
                    path!.StartsWith((string)m["mountPath"]! + "/", StringComparison.Ordinal));
                var volume = Rendering.List(Rendering.Pod(container.Workload)["volumes"])
                    .SingleOrDefault(v => (string?)v["name"] == (string?)mount["name"]);
                if (volume?["secret"] is not { } secret)
                {
                    Assert.Contains(Rendering.List(container.Workload["spec"]!["volumeClaimTemplates"]),
                        claim => Rendering.NameOf(claim) == (string?)mount["name"]);
                    continue;
                }

                // The program refuses keys that others than its user and group may read.
                Assert.Equal(0b100_100_000, (int)secret["defaultMode"]!);
                Assert.True((bool)mount["readOnly"]!);
                var file = path![((string)mount["mountPath"]!).Length..].TrimStart('/');
                if (secret["items"] is { } items)
                    Assert.Contains(Rendering.List(items), item => (string?)item["path"] == file);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Processes_of_the_cluster_have_certificates_as_cert_manager_makes_them_too(string overlay)
    {
        var made = (await Rendering.OfAsync("k8s/certificates")).One("Certificate", "vault-cluster-tls")["spec"]!;
        Assert.Equal(
            ["client auth", "digital signature", "server auth"],
            Rendering.List(made["usages"]).Select(u => (string)u!).Order());
        var rendering = await Rendering.OfAsync(overlay);
        foreach (var container in rendering.Vaults.Select(w => new VaultContainer(rendering, w)))
        {
            if (container.Roles.Length == 0) continue;
            Assert.Equal("/etc/vault/cluster-tls/tls.crt", container.Environment["Vault__ClusterTlsCert"]);
            Assert.Equal("/etc/vault/cluster-tls/tls.key", container.Environment["Vault__ClusterTlsKey"]);
            Assert.Equal("/etc/vault/cluster-tls/ca.crt", container.Environment["Vault__ClusterTlsAuthority"]);
            var secret = Rendering.List(Rendering.Pod(container.Workload)["volumes"])
                .Single(v => (string?)v["name"] == "cluster-tls")["secret"]!;
            Assert.Equal((string?)made["secretName"], (string?)secret["secretName"]);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Mounts_have_volumes_and_workloads_pick_their_own_pods(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        foreach (var workload in rendering.Workloads)
        {
            var volumes = Rendering.List(Rendering.Pod(workload)["volumes"]).Select(v => (string?)v["name"])
                .Concat(Rendering.List(workload["spec"]!["volumeClaimTemplates"]).Select(Rendering.NameOf)).ToArray();
            var mounts = Rendering.Containers(workload).SelectMany(c => Rendering.List(c["volumeMounts"]))
                .Select(m => (string?)m["name"]).ToArray();
            Assert.Equal(volumes.Order(), mounts.Order());
            if (workload["spec"]!["selector"] is not { } selector) continue;
            Assert.Equal(
                [workload], rendering.Workloads.Where(w => Rendering.Picks(selector, Rendering.PodLabels(w))));
        }

        foreach (var budget in rendering.Of("PodDisruptionBudget"))
        {
            var selector = budget["spec"]!["selector"]!;
            var picked = rendering.Workloads.Single(w => Rendering.Picks(selector, Rendering.PodLabels(w)));
            Assert.Equal(Rendering.NameOf(budget), Rendering.NameOf(picked));
        }

        Assert.Equal(
            rendering.Vaults.Where(w => (string?)w["kind"] != "Job").Select(Rendering.NameOf).Order(),
            rendering.Of("PodDisruptionBudget").Select(Rendering.NameOf).Order());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_get_the_time_to_drain_and_probes_ask_what_they_mean(string overlay)
    {
        var rendering = await Rendering.OfAsync(overlay);
        var defaults = new ServeOptions();
        foreach (var container in rendering.Vaults.Select(w => new VaultContainer(rendering, w)))
        {
            if (container.Roles.Length == 0) continue;
            var unready = container.Time("Vault__UnreadyTime", defaults.UnreadyTime);
            var drain = container.Time("Vault__DrainTime", defaults.DrainTime);
            var grace = (int)Rendering.Pod(container.Workload)["terminationGracePeriodSeconds"]!;
            Assert.True(grace >= (unready + drain).TotalSeconds + 5, $"{container.Name} is killed while it drains");
            var probes = container.Probes.ToDictionary(p => p.Name, p => p.Probe);
            Assert.Equal("/healthz", (string?)probes["startupProbe"]["httpGet"]!["path"]);
            Assert.Equal("/readyz", (string?)probes["readinessProbe"]["httpGet"]!["path"]);
            Assert.Equal("/healthz", (string?)probes["livenessProbe"]["httpGet"]!["path"]);
            var ready = probes["readinessProbe"];
            var notice = (int)ready["periodSeconds"]! * (int)ready["failureThreshold"]!;
            if (container.Roles.Contains("s3") || !container.Roles.Contains("silo"))
                Assert.True(unready.TotalSeconds > notice, $"{container.Name} closes before it is seen to be unready");
        }
    }

    [Theory]
    [InlineData("k8s/base", "spec.nodeName")]
    [InlineData("k8s/overlays/production", "spec.nodeName")]
    [InlineData("k8s/overlays/alike", "spec.nodeName")]
    [InlineData("k8s/overlays/dev", "metadata.name")]
    public async Task Silos_know_the_machine_they_are_on_and_spread_over_machines(string overlay, string field)
    {
        var silo = (await Rendering.OfAsync(overlay)).One("StatefulSet", "vault-silo");
        string? FieldOf(string variable) => (string?)Rendering.List(Rendering.Containers(silo).Single()["env"])
            .Single(e => (string?)e["name"] == variable)["valueFrom"]!["fieldRef"]!["fieldPath"];
        Assert.Equal(field, FieldOf("Vault__Host"));
        Assert.Equal("status.podIP", FieldOf("Vault__AdvertisedAddress"));
        var spread = Rendering.List(Rendering.Pod(silo)["topologySpreadConstraints"]).Single();
        Assert.Equal("kubernetes.io/hostname", (string?)spread["topologyKey"]);
        Assert.True(Rendering.Picks(spread["labelSelector"]!, Rendering.PodLabels(silo)));
        Assert.Equal("Retain", (string?)silo["spec"]!["persistentVolumeClaimRetentionPolicy"]!["whenScaled"]);
    }
}
