using System.Net;
using System.Security.Cryptography;
using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class DamageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Flipped_bits_in_a_log_give_an_error_and_never_wrong_bytes()
    {
        var settings = new Dictionary<string, string> { ["Volume__LogBytes"] = "16777216" };
        await using var vault = await VaultProcess.StartAsync(null, settings);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("damaged", Token);
        var bodies = Enumerable.Range(0, 20).Select(_ => RandomNumberGenerator.GetBytes(100_000)).ToArray();
        for (var i = 0; i < bodies.Length; i++) await client.PutAsync("damaged", $"{i}", bodies[i], Token);

        FlipBits(vault.DataDirectory, bodies.Length * 100_000, every: 300_000);
        var (whole, refused) = (0, 0);
        for (var i = 0; i < bodies.Length; i++)
        {
            using var answer = await client.SendAsync("GET", $"/damaged/{i}", cancellationToken: Token);
            if (answer.StatusCode == HttpStatusCode.OK && await ReadAsync(answer) is { } bytes)
            {
                Assert.Equal(bodies[i], bytes);
                whole++;
            }
            else
            {
                refused++;
            }
        }

        Assert.InRange(refused, 3, 10);
        Assert.Equal(bodies.Length, whole + refused);
        await client.PutAsync("damaged", "after", bodies[0], Token);
        Assert.Equal(bodies[0], await client.GetAsync("damaged", "after", Token));
        await Metrics.UntilAsync(
            async () => await Metrics.SumAsync(vault, "vault_storage_quarantined_total", Token) >= 1, Token);
    }

    /// <summary>Null when the server broke the connection rather than send what it could not prove.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage answer)
    {
        try
        {
            return await answer.Content.ReadAsByteArrayAsync(Token);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static void FlipBits(string directory, int written, int every)
    {
        var log = new DirectoryInfo(Path.Combine(directory, "volume"))
            .GetFiles("*.log", SearchOption.AllDirectories)
            .MaxBy(f => f.Length)!;
        using var file = new FileStream(log.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (long at = 150_000; at < written; at += every)
        {
            file.Position = at;
            var value = file.ReadByte();
            file.Position = at;
            file.WriteByte((byte)(value ^ 0x10));
        }
    }
}
