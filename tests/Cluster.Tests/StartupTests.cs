using System.Diagnostics;
using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class StartupTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_with_many_objects_starts_again_and_serves_them()
    {
        var isLong = Topologies.IsLong;
        var count = isLong ? 1_000_000 : 5_000;
        var directory = Directory.CreateTempSubdirectory("vault-startup-").FullName;
        await using (var vault = await VaultProcess.StartAsync(directory))
        {
            using var client = new S3TestClient(vault);
            await client.CreateBucketAsync("many", Token);
            var next = 0;
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var workers = Enumerable.Range(0, 32).Select(async _ =>
            {
                try
                {
                    for (var i = Interlocked.Increment(ref next); ; i = Interlocked.Increment(ref next))
                    {
                        await client.PutAsync("many", $"stored/{i}", Body(i, 8192), Token);
                        await client.PutAsync("many", $"inline/{i}", Body(i, 1024), Token);
                        if (i == count) enough.SetResult();
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Killed under load, as asked.
                }
            }).ToArray();
            await enough.Task;
            await vault.KillAsync();
            await Task.WhenAll(workers);
        }

        if (isLong) await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3", Token);
        var clock = Stopwatch.StartNew();
        await using (var vault = await VaultProcess.StartAsync(directory))
        {
            output.WriteLine(
                $"start-up with {count} stored and {count} inline objects: {clock.ElapsedMilliseconds} ms");
            using var client = new S3TestClient(vault);
            foreach (var i in new[] { 1, 2, count / 2, count - 64 })
            {
                Assert.Equal(Body(i, 8192), await client.GetAsync("many", $"stored/{i}", Token));
                Assert.Equal(Body(i, 1024), await client.GetAsync("many", $"inline/{i}", Token));
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    private static byte[] Body(int number, int size)
    {
        var body = new byte[size];
        new Random(number).NextBytes(body);
        return body;
    }
}
