using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Writers = 16;

    [Fact]
    public async Task Every_acknowledged_write_survives_sigkill_at_random_moments()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var kills = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 100 : 20;
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
                if (kill < kills) await WorkUntilKilledAsync(vault, client, writers, random.Next(20, 400), cancellation);
            }

            output.WriteLine($"{kills} kills, {writers.Sum(w => w.Acknowledged)} acknowledged operations");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Kills after so many acknowledgements, while all writers are in the middle of something.</summary>
    private static async Task WorkUntilKilledAsync(
        VaultProcess vault, S3TestClient client, CrashWriter[] writers, int acknowledgements, CancellationToken cancellation)
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

    private static async Task VerifyAsync(S3TestClient client, CrashWriter[] writers, int kill, CancellationToken cancellation)
    {
        var listed = (await client.ListAsync("crash", cancellation)).ToHashSet();
        var faults = new List<string>();
        foreach (var writer in writers) faults.AddRange(await writer.VerifyAsync(client, "crash", listed, cancellation));
        Assert.True(faults.Count == 0, $"after kill {kill}:\n{string.Join('\n', faults)}");
    }
}
