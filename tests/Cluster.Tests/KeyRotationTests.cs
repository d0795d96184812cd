using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>
/// A bucket's key is renewed after so many seals, also across crashes, and nobody who held it notices.
/// </summary>
public sealed class KeyRotationTests
{
    private const int Limit = 20;

    private static readonly Dictionary<string, string> Settings = new() { ["S3__SealsPerBucketKey"] = $"{Limit}" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_generation_seals_more_than_its_limit_and_old_and_new_objects_open_for_all_holders()
    {
        var directory = Directory.CreateTempSubdirectory("vault-rotation-").FullName;
        var written = new Dictionary<string, byte[]>();
        var limited = (Id: "", Secret: "");
        for (var start = 0; start < 3; start++)
        {
            await using var vault = await VaultProcess.StartAsync(directory, Settings);
            using var owner = new S3TestClient(vault);
            if (start == 0)
            {
                await owner.CreateBucketAsync("renewed", Token);
                limited = await LimitedAsync(vault);
            }

            using var holder = new S3TestClient(vault.S3, limited.Id, limited.Secret);
            for (var i = 0; i < 14; i++)
            {
                var (key, body) = ($"{start}/{i}", new byte[] { (byte)start, (byte)i });
                await (i % 2 == 0 ? owner : holder).PutAsync("renewed", key, body, Token);
                written[key] = body;
            }

            await owner.MultipartAsync(
                "renewed", $"{start}/parts", [.. Enumerable.Repeat(new byte[5 << 20], 3)], Token);
            await owner.CopyAsync("renewed", "0/0", $"{start}/copy", Token);
            foreach (var (key, body) in written)
            {
                Assert.Equal(body, await owner.GetAsync("renewed", key, Token));
                Assert.Equal(body, await holder.GetAsync("renewed", key, Token));
            }

            Assert.Equal(new byte[15 << 20], await holder.GetAsync("renewed", "0/parts", Token));
            Assert.Equal((start + 1) * 16, (await owner.ListAsync("renewed", Token)).Count);
            await vault.KillAsync();
        }

        var state = Path.Combine(directory, "data", "state.db");
        var taken = await RowsAsync(state, "select key_no, taken from bucket_seal order by key_no");
        Assert.InRange(taken.Count, 5, 30);
        Assert.All(taken, row => Assert.InRange(row[1], 1, Limit));
        var used = await RowsAsync(
            state, "select key_no, 2 * count(*) from object_head group by key_no order by key_no");
        Assert.True(used.Count >= 5);
        Assert.All(used, row => Assert.InRange(row[1], 1, taken.Single(t => t[0] == row[0])[1]));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Writers_at_once_keep_the_limit_but_for_what_is_under_way()
    {
        await using var vault = await VaultProcess.StartAsync(null, Settings);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("busy", Token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 20; i++)
            {
                // Keys that change under every commit are answered 409 after three further attempts (decisions §5.2).
                HttpStatusCode status;
                do
                {
                    using var answer = await client.SendAsync(
                        "PUT", S3TestClient.Target("busy", $"{writer}/{i}"), [(byte)i], cancellationToken: Token);
                    status = answer.StatusCode;
                }
                while (status == HttpStatusCode.Conflict);
                Assert.Equal(HttpStatusCode.OK, status);
            }
        }));
        foreach (var key in await client.ListAsync("busy", Token))
            Assert.Single((await client.GetAsync("busy", key, Token))!);
        Assert.Equal(0, await vault.StopAsync());
        var taken = await RowsAsync(
            Path.Combine(vault.DataDirectory, "state.db"), "select key_no, taken from bucket_seal order by key_no");
        Assert.InRange(taken.Count, 8, 40);
        Assert.All(taken, row => Assert.InRange(row[1], 1, Limit + (8 * 2)));
    }

    private static async Task<(string Id, string Secret)> LimitedAsync(VaultProcess vault)
    {
        using var control = new ControlClient(vault.Control, null);
        var body = new JsonObject { ["buckets"] = new JsonArray("renewed") };
        var answer = await control.SendSignedAsync(
            "/v1/credentials", body, vault.AccessKeyId, vault.SecretAccessKey, TimeProvider.System, Token);
        var credential = answer["credential"]!;
        return ((string)credential["access_key_id"]!, (string)credential["secret_access_key"]!);
    }

    private static async Task<List<long[]>> RowsAsync(string database, string sql)
    {
        var start = new System.Diagnostics.ProcessStartInfo("sqlite3", ["-readonly", database, sql])
        {
            RedirectStandardOutput = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Array.ConvertAll(line.Split('|'), text => long.Parse(text, null)))];
    }
}
