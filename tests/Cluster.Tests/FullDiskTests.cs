using System.Net;
using System.Security.Cryptography;
using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class FullDiskTests
{
    private const int ObjectBytes = 4 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task A_full_disk_refuses_puts_serves_reads_and_takes_puts_again_once_half_is_deleted()
    {
        await using var disk = await SmallDisk.MountAsync(512);
        var settings = new Dictionary<string, string>
        {
            ["Volume__LogBytes"] = "16777216",
            ["Reclaim__Period"] = "00:00:01",
            ["Reclaim__DeadGrace"] = "00:00:00",
            ["Reclaim__GatewayLapse"] = "00:00:00",
        };
        await using var vault = await VaultProcess.StartAsync(disk.Path, settings);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("full", Token);
        var body = RandomNumberGenerator.GetBytes(ObjectBytes);
        var stored = 0;
        while (await TryPutAsync(client, $"object-{stored}", body) == HttpStatusCode.OK)
            Assert.InRange(++stored, 1, 200);
        Assert.InRange(stored, 10, 200);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await TryPutAsync(client, "one-more", body));

        Assert.Equal(body, await client.GetAsync("full", "object-0", Token));
        Assert.Null(await client.GetAsync("full", "one-more", Token));
        Assert.Equal(stored, (await client.ListAsync("full", Token)).Count);
        for (var i = 0; i < stored; i += 2) await client.DeleteAsync("full", $"object-{i}", Token);

        await Metrics.UntilAsync(async () => await TryPutAsync(client, "one-more", body) == HttpStatusCode.OK, Token);
        Assert.Equal(body, await client.GetAsync("full", "one-more", Token));
        Assert.Equal(body, await client.GetAsync("full", "object-1", Token));
        Assert.Equal(0, await vault.StopAsync());
    }

    private static async Task<HttpStatusCode> TryPutAsync(S3TestClient client, string key, byte[] body)
    {
        using var answer = await client.SendAsync("PUT", $"/full/{key}", body, cancellationToken: Token);
        return answer.StatusCode;
    }

    /// <summary>A small file system of its own; needs root, as the tests' installer does.</summary>
    private sealed class SmallDisk(string path) : IAsyncDisposable
    {
        public string Path => path;

        public static async Task<SmallDisk> MountAsync(int megabytes)
        {
            var path = Directory.CreateTempSubdirectory("vault-disk-").FullName;
            await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path);
            return new SmallDisk(path);
        }

        public async ValueTask DisposeAsync()
        {
            await RunAsync("umount", "--lazy", path);
            Directory.Delete(path);
        }

        private static async Task RunAsync(string program, params string[] arguments)
        {
            using var process = System.Diagnostics.Process.Start(program, arguments);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
