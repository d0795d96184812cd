using System.Net;
using System.Text.Json;
using Vault.Testing;

namespace Vault.Manifests.Tests;

/// <summary>
/// The containers of the manifests, started as processes with their own arguments and environment, are a cluster.
/// </summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-manifests-").FullName;
    private readonly List<Pod> _pods = [];
    private PostgresServer _postgres = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _postgres = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods) await pod.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Containers_of_the_manifests_become_ready_serve_and_end_in_their_time()
    {
        var rendering = await Rendering.OfAsync("k8s/overlays/dev");
        var silo = new VaultContainer(rendering, rendering.One("StatefulSet", "vault-silo"));
        IPAddress[] addresses = [.. Enumerable.Range(11, 3).Select(i => IPAddress.Parse($"127.111.0.{i}"))];
        var services = new Dictionary<string, string>
        {
            ["vault-redis:6379"] = "127.111.0.5:6379", // where nobody listens
            ["vault-silos:30000"] = string.Join(',', addresses.Select(a => $"{a}:{silo.Ports["gateway"]}")),
        };
        for (var i = 0; i < addresses.Length; i++) services[$"vault-silo-{i}.vault-silos"] = addresses[i].ToString();
        var world = new World(_directory, services);
        await MakeSecretsAsync(world);

        // Redis is down: the cluster does without.
        var migrate = Start(rendering, "Job", "vault-migrate", "migrate", "127.111.0.9", world);
        Assert.True(await migrate.EndAsync(Token) == 0, migrate.Log);
        _pods.Remove(migrate);
        await migrate.DisposeAsync();
        for (var i = 0; i < addresses.Length; i++)
            Start(rendering, "StatefulSet", "vault-silo", $"vault-silo-{i}", addresses[i].ToString(), world);
        var s3 = Start(rendering, "Deployment", "vault-s3", "s3", "127.111.0.21", world);
        var control = Start(rendering, "Deployment", "vault-control", "control", "127.111.0.31", world);
        Start(rendering, "Deployment", "vault-gateway", "gateway", "127.111.0.41", world);
        foreach (var pod in _pods)
        {
            await pod.UntilAsync("startupProbe", true, Token);
            await pod.UntilAsync("readinessProbe", true, Token);
            Assert.True(await pod.ProbeAsync("livenessProbe", Token));
        }

        using var client = await FirstOwnerAsync(world, s3, control);
        await client.CreateBucketAsync("photos", Token);
        var body = new byte[100_000];
        try
        {
            await client.PutAsync("photos", "one", body, Token);
        }
        catch (HttpRequestException)
        {
            Assert.Fail(s3.Log);
        }

        Assert.Equal(body, await client.GetAsync("photos", "one", Token));

        // Told to end, it is unready first and still serves; then it ends by itself, within the pod's time.
        s3.Terminate();
        await s3.UntilAsync("readinessProbe", false, Token);
        Assert.Equal(body, await client.GetAsync("photos", "one", Token));
        foreach (var pod in _pods.Where(p => p != s3)) pod.Terminate();
        foreach (var pod in _pods) Assert.True(await pod.EndAsync(Token) == 0, $"{pod.Name}: {pod.Log}");
    }

    private Pod Start(
        Rendering rendering, string kind, string workload, string name, string address, World world)
    {
        var container = new VaultContainer(rendering, rendering.One(kind, workload));
        var pod = Pod.Start(container, name, IPAddress.Parse(address), world);
        _pods.Add(pod);
        return pod;
    }

    /// <summary>As the runbook of the installation makes them.</summary>
    private async Task MakeSecretsAsync(World world)
    {
        var keys = Path.Combine(_directory, "cluster-keys.json");
        var secret = Path.Combine(_directory, "cluster-secret");
        var tls = Path.Combine(_directory, "tls");
        await world.RunAsync("cluster", "keys", "--cluster-keys", keys, "--cluster-secret", secret, "--tls", tls);
        foreach (var (key, file) in new[]
        {
            ("tls.crt", "process.pem"), ("tls.key", "process.key"), ("ca.crt", "authority.pem"),
        })
        {
            world.SetSecret("vault-cluster-tls", key, await File.ReadAllTextAsync(Path.Combine(tls, file), Token));
        }

        world.SetSecret("vault-cluster", "cluster-keys.json", await File.ReadAllTextAsync(keys, Token));
        world.SetSecret("vault-cluster", "secret", await File.ReadAllTextAsync(secret, Token));
        world.SetSecret("vault-cluster", "internal-token", Guid.NewGuid().ToString("N"));
        world.SetSecret("vault-database", "url", await _postgres.CreateDatabaseAsync(Token));
    }

    private async Task<S3TestClient> FirstOwnerAsync(World world, Pod s3, Pod control)
    {
        var config = Path.Combine(_directory, "owner");
        await world.RunAsync(
            "cluster", "init", "--cluster-keys", Path.Combine(_directory, "cluster-keys.json"), "--control",
            control.At("control").ToString(), "--s3", s3.At("s3").ToString(), "--data",
            Path.Combine(_directory, "stands-for"), "--keys", config);
        var file = Directory.GetFiles(config, "prj_*.json", SearchOption.AllDirectories).Single();
        using var owner = JsonDocument.Parse(await File.ReadAllTextAsync(file, Token));
        return new S3TestClient(
            s3.At("s3"), owner.RootElement.GetProperty("access_key_id").GetString()!,
            owner.RootElement.GetProperty("secret_access_key").GetString()!);
    }
}
