using System.Diagnostics;
using System.Text;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>Stock clients against the gateways of a cluster of processes.</summary>
[Collection(nameof(FaultCluster))]
public sealed class ClusterClientTests(FaultCluster shared, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_cluster_is_ready_within_a_minute_and_clients_of_either_gateway_see_one_store()
    {
        var cluster = await shared.TakeAsync(alike: false, Token);
        output.WriteLine($"ready after {shared.Start.TotalSeconds:F1} s");
        Assert.InRange(shared.Start.TotalSeconds, 0, 60);
        using var one = cluster.Client(0);
        using var other = cluster.Client(1);
        await one.CreateBucketAsync("shared", Token);
        foreach (var size in new[] { 0, 1_000, 20_000, 3_000_000 })
        {
            var body = new byte[size];
            new Random(size).NextBytes(body);
            await one.PutAsync("shared", $"a/{size}", body, Token);
            Assert.Equal(body, await other.GetAsync("shared", $"a/{size}", Token));
        }

        var part = new byte[5 << 20];
        await other.MultipartAsync("shared", "b/parts", [part, [1, 2, 3]], Token);
        Assert.Equal(part.Length + 3, (await one.GetAsync("shared", "b/parts", Token))!.Length);
        await other.CopyAsync("shared", "b/parts", "b/copy", Token);
        await one.DeleteAsync("shared", "a/0", Token);
        Assert.Equal(["a/1000", "a/20000", "a/3000000", "b/copy", "b/parts"], await other.ListAsync("shared", Token));
        await shared.GiveBackAsync(Token);
    }

    [Fact(Timeout = 600_000)]
    public async Task The_aws_cli_writes_through_one_gateway_and_reads_through_the_other()
    {
        var cluster = await shared.TakeAsync(alike: false, Token);
        var folder = Directory.CreateTempSubdirectory("vault-cluster-aws-").FullName;
        for (var i = 0; i < 20; i++)
            await File.WriteAllTextAsync(Path.Combine(folder, $"{i:d2}.txt"), new string('x', i * 997), Token);
        await AwsAsync(cluster, 0, "s3", "mb", "s3://stock");
        await AwsAsync(cluster, 0, "s3", "sync", "--quiet", folder, "s3://stock");
        Assert.Empty(await AwsAsync(cluster, 1, "s3", "sync", folder, "s3://stock"));
        var back = Path.Combine(folder, "back");
        await AwsAsync(cluster, 1, "s3", "sync", "--quiet", "s3://stock", back);
        Assert.Equal(20, Directory.GetFiles(back).Length);
        await AwsAsync(cluster, 1, "s3", "rb", "--force", "s3://stock");
        Directory.Delete(folder, recursive: true);
        await shared.GiveBackAsync(Token);
    }

    /// <summary>All of tests/Clients.Tests against each gateway.</summary>
    [Trait("Run", "long")]
    [Theory(Timeout = 3_600_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_stock_clients_of_a_process_alone_pass_against_either_gateway(int gateway)
    {
        await shared.DisposeAsync(); // they start one of their own
        var program = Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "../../../../Clients.Tests/bin/Release/net10.0/Vault.Clients.Tests"));
        var start = new ProcessStartInfo(program, ["-noColor"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["VAULT_TEST_GATEWAY"] = $"{gateway}";
        start.Environment.Remove("VAULT_TEST_LONG");
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        output.WriteLine(text[^Math.Min(text.Length, 4000)..]);
        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain("Total: 0,", text, StringComparison.Ordinal);
    }

    private static async Task<string> AwsAsync(ClusterFixture cluster, int gateway, params string[] arguments)
    {
        var endpoint = cluster.Gateways[gateway].Address.ToString();
        var start = new ProcessStartInfo("aws", ["--endpoint-url", endpoint, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = cluster.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = cluster.SecretAccessKey;
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        using var process = Process.Start(start)!;
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var text = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"aws {string.Join(' ', arguments)}: {error}");
        return text;
    }
}
