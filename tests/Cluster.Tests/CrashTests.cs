using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Storage.Volumes;
using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Writers = 16;

    [Fact(Timeout = 3_600_000)]
    public async Task Every_acknowledged_write_survives_sigkill_at_random_moments()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var kills = Topologies.IsLong ? 100 : 8;
        var random = new Random(4711);
        var writers = Enumerable.Range(0, Writers).Select(n => new CrashWriter(n, 1000 + n)).ToArray();
        var directory = Directory.CreateTempSubdirectory("vault-crash-").FullName;
        try
        {
            for (var kill = 0; kill <= kills; kill++)
            {
                await using var vault = await VaultProcess.StartAsync(directory);
                using var client = new S3TestClient(vault);
                if (kill == 0) await client.CreateBucketAsync("crash", cancellation);
                else await VerifyAsync(client, writers, kill, cancellation);
                if (kill < kills)
                    await WorkUntilKilledAsync(vault, client, writers, random.Next(20, 400), cancellation);
            }

            await AssertNothingIsLeftAsync(directory, writers, cancellation);
            output.WriteLine($"{kills} kills, {writers.Sum(w => w.Acknowledged)} acknowledged operations");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>
    /// With every key deleted and the horizons at zero, no live byte is left on the volume: nothing unreferenced stays.
    /// </summary>
    private static async Task AssertNothingIsLeftAsync(
        string directory, CrashWriter[] writers, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string>
        {
            ["Reclaim__Period"] = "00:00:01",
            ["Reclaim__DeadGrace"] = "00:00:00",
            ["Reclaim__OrphanAge"] = "00:00:00",
            ["Reclaim__UploadAge"] = "00:00:00",
            ["Reclaim__GatewayLapse"] = "00:00:00",
        };
        await using (var vault = await VaultProcess.StartAsync(directory, settings))
        {
            using var client = new S3TestClient(vault);
            await VerifyAsync(client, writers, -1, cancellation);
            foreach (var key in await client.ListAsync("crash", cancellation))
                await client.DeleteAsync("crash", key, cancellation);

            // Each round ends after a pass of reclaim has begun; the third therefore after one has run from end to end.
            for (var round = 0; round < 3; round++)
            {
                await client.PutAsync("crash", "marker", new byte[10_000], cancellation);
                await client.DeleteAsync("crash", "marker", cancellation);
                await Metrics.UntilAsync(() => Task.FromResult(Manifests(vault) == 0), cancellation);
            }

            Assert.Equal(0, await vault.StopAsync());
        }

        var options = new VolumeOptions { Path = Path.Combine(directory, "data", "volume"), DatabaseReserveBytes = 0 };
        await using var volume = await Volume.OpenAsync(
            options, null, TimeProvider.System, NullLoggerFactory.Instance, null, cancellation);
        var left = new ShardRecord[100];
        Assert.Equal(0, volume.List(0, left));
    }

    private static int Manifests(VaultProcess vault)
    {
        var start = new ProcessStartInfo(
            "sqlite3", ["-readonly", Path.Combine(vault.DataDirectory, "state.db"), "select count(*) from manifest"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        return int.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>Kills after so many acknowledgements, while all writers are in the middle of something.</summary>
    private static async Task WorkUntilKilledAsync(
        VaultProcess vault, S3TestClient client, CrashWriter[] writers, int acknowledgements,
        CancellationToken cancellation)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        void Acknowledged()
        {
            if (Interlocked.Increment(ref count) == acknowledgements) enough.SetResult();
        }

        var running = Task.WhenAll(writers.Select(w => w.RunAsync(client, "crash", Acknowledged, stopped.Token)));
        var first = await Task.WhenAny(enough.Task, running);
        Assert.True(first == enough.Task, $"the writers stopped before the kill: {vault.Log}");
        await vault.KillAsync();
        await stopped.CancelAsync();
        await running;
    }

    private static async Task VerifyAsync(
        S3TestClient client, CrashWriter[] writers, int kill, CancellationToken cancellation)
    {
        var listed = (await client.ListAsync("crash", cancellation)).ToHashSet();
        var faults = new List<string>();
        foreach (var writer in writers)
            faults.AddRange(await writer.VerifyAsync(client, "crash", listed, cancellation));
        Assert.True(faults.Count == 0, $"after kill {kill}:\n{string.Join('\n', faults)}");
    }
}
