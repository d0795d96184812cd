using System.Security.Cryptography;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>
/// A node is killed and its directory deleted while clients go on; it starts again empty. Nothing is lost, writes do
/// not stop, and what it held is made again, on it or elsewhere.
/// </summary>
[Collection(nameof(WholeMachine))]
public sealed class NodeLossTests
{
    private const string Bucket = "loss";
    private static readonly int[] Sizes = [5_000, 70_000, 300_000, 1_500_000, 6_000_000];

    /// <summary>Silos, and how many of them may lose their disks.</summary>
    public static TheoryData<int, int> Shapes =>
        Topologies.IsLong ? new() { { 3, 2 }, { 6, 1 } } : new() { { 3, 2 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_node_that_loses_its_disk_loses_no_object(int silos, int others)
    {
        await using var cluster = await ClusterFixture.StartAsync(
            new ClusterShape
            {
                Silos = silos, Gateways = 1,
                Settings = new Dictionary<string, string>
                {
                    ["Volume__LogBytes"] = "16777216", ["Volume__DatabaseReserveBytes"] = "0",
                },
            },
            Token);
        using var client = cluster.Client();
        await client.CreateBucketAsync(Bucket, Token);
        var objects = new Dictionary<string, byte[]>();
        for (var i = 0; i < 40; i++) await PutAsync(client, objects, $"before-{i}", Sizes[i % Sizes.Length]);
        await client.MultipartAsync(Bucket, "multipart", Parts(objects), Token);

        var lost = $"silo-{silos}";
        await cluster.KillAsync(lost, ct: Token);
        Directory.Delete(Path.Combine(cluster.Directory, "data", lost), recursive: true);
        var refused = 0;
        for (var i = 0; i < 25; i++)
        {
            try
            {
                await PutAsync(client, objects, $"during-{i}", Sizes[i % Sizes.Length]);
            }
            catch (HttpRequestException) when (i < 10)
            {
                refused++; // grains of the dead silo move within seconds
                await Metrics.UntilAsync(() => IsWritableAsync(client), Token);
            }
        }

        Assert.True(refused < 10);
        await CheckAsync(cluster, client, objects);

        await cluster.StartAsync(lost, Token);
        await Metrics.UntilAsync(
            async () => await SumAsync(cluster, "vault_repair_rebuilt_total") > 0
                && await SumAsync(cluster, "vault_repair_pending") == 0
                && await SumAsync(cluster, "vault_repair_searching") == 0,
            Token);
        await CheckAsync(cluster, client, objects);

        // As many other disks may go now as the profile promises, and the rebuilt shards must stand in for them.
        for (var i = 1; i <= others; i++)
        {
            await cluster.KillAsync($"silo-{i}", ct: Token);
            Directory.Delete(Path.Combine(cluster.Directory, "data", $"silo-{i}"), recursive: true);
        }

        await Metrics.UntilAsync(() => IsWritableAsync(client, reading: true), Token);
        await CheckAsync(cluster, client, objects);
    }

    private static byte[][] Parts(Dictionary<string, byte[]> objects)
    {
        byte[][] parts = [RandomNumberGenerator.GetBytes(5 << 20), RandomNumberGenerator.GetBytes(700_000)];
        objects["multipart"] = [.. parts[0], .. parts[1]];
        return parts;
    }

    private static async Task PutAsync(
        S3TestClient client, Dictionary<string, byte[]> objects, string key, int bytes)
    {
        var body = RandomNumberGenerator.GetBytes(bytes);
        await client.PutAsync(Bucket, key, body, Token);
        objects[key] = body;
    }

    private static async Task CheckAsync(
        ClusterFixture cluster, S3TestClient client, Dictionary<string, byte[]> objects)
    {
        foreach (var (key, body) in objects)
        {
            try
            {
                var read = await client.GetAsync(Bucket, key, Token);
                Assert.True(read is not null && body.AsSpan().SequenceEqual(read), $"{key} is not what was stored");
            }
            catch (HttpRequestException e)
            {
                var log = cluster.LogOf("gateway-1");
                Assert.Fail($"{key} ({body.Length} bytes): {e.Message} {log[Math.Max(0, log.Length - 6000)..]}");
            }
        }
    }

    private static async Task<bool> IsWritableAsync(S3TestClient client, bool reading = false)
    {
        using var answer = reading
            ? await client.SendAsync("GET", $"/{Bucket}/before-1", cancellationToken: Token)
            : await client.SendAsync("PUT", $"/{Bucket}/probe", new byte[10_000], cancellationToken: Token);
        return answer.IsSuccessStatusCode;
    }

    private static async Task<double> SumAsync(ClusterFixture cluster, string metric)
    {
        double sum = 0;
        foreach (var silo in cluster.Silos) sum += await cluster.MetricAsync(silo.Name, metric, ct: Token);
        return sum;
    }
}
