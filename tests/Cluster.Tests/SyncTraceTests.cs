using System.Diagnostics;
using System.Text.RegularExpressions;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>The order of one PUT's system calls (decisions §3): shard sync, metadata sync, response.</summary>
public sealed partial class SyncTraceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_put_syncs_its_shard_then_its_metadata_then_answers()
    {
        await using var vault = await VaultProcess.StartAsync();
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("traced", Token);
        await client.PutAsync("traced", "warm", new byte[10_000], Token);
        var file = Path.Combine(vault.Directory, "trace");
        var start = new ProcessStartInfo(
            "strace", [
                "-f", "-y", "-s", "32", "-e", "trace=fsync,fdatasync,sendmsg,sendto", "-o", file, "-p",
                $"{vault.ProcessId}",
            ])
        {
            RedirectStandardError = true,
        };
        using (var strace = Process.Start(start)!)
        {
            Assert.Contains("attached", await strace.StandardError.ReadLineAsync(Token), StringComparison.Ordinal);
            await client.PutAsync("traced", "key", new byte[10_000], Token);
            using var interrupt = Process.Start("kill", ["-INT", $"{strace.Id}"]);
            await strace.WaitForExitAsync(Token);
        }

        var events = new List<string>();
        foreach (var line in await File.ReadAllLinesAsync(file, Token))
        {
            if (Answer().IsMatch(line)) events.Add("answer");
            else if (ShardSync().IsMatch(line)) events.Add("shard");
            else if (MetadataSync().IsMatch(line)) events.Add("metadata");
        }

        var answer = events.IndexOf("answer");
        var metadata = events.IndexOf("metadata");
        var shard = events.IndexOf("shard");
        Assert.True(
            shard >= 0 && metadata > shard && answer > metadata,
            $"{string.Join(' ', events)}\n{await File.ReadAllTextAsync(file, Token)}");
    }

    [GeneratedRegex(@"send(msg|to)\(.*HTTP/1\.1 200")]
    private static partial Regex Answer();

    [GeneratedRegex(@"f(data)?sync\(\d+<[^>]*/volume/")]
    private static partial Regex ShardSync();

    [GeneratedRegex(@"f(data)?sync\(\d+<[^>]*state\.db-wal")]
    private static partial Regex MetadataSync();
}
