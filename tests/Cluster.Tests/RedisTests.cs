using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>The program with a real Redis: what lies in it, and what happens without it.</summary>
public sealed class RedisTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_holds_sealed_records_for_a_minute_and_nothing_that_opens_them()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var vault = await VaultProcess.StartAsync(settings: Settings(redis));
        await AnswersAsync(vault);
        using var control = new ControlClient(vault.Control, vault.AdminToken);
        var made = await control.SendSignedAsync(
            "/v1/credentials", new JsonObject(), vault.AccessKeyId, vault.SecretAccessKey, TimeProvider.System, Token);
        var (id, secret, lookup) = Parts(made);
        using var client = new S3TestClient(vault.S3, id, secret);
        await client.CreateBucketAsync("kept", Token);
        await Metrics.UntilAsync(
            async () => (await redis.AskAsync(Token, "exists", $"vault:record:{lookup}")).Trim() == "1", Token);
        var life = long.Parse(await redis.AskAsync(Token, "pttl", $"vault:record:{lookup}"), null);
        Assert.InRange(life, 1, 60_000);

        var needles = new Needles();
        foreach (var (what, text) in new[]
        {
            ("access key id", id), ("secret", secret), ("the owner's access key id", vault.AccessKeyId),
            ("the owner's secret", vault.SecretAccessKey), ("the operator's token", vault.AdminToken),
        })
        {
            needles.AddForms(what, Encoding.ASCII.GetBytes(text));
        }

        var keys = JsonNode.Parse(await File.ReadAllTextAsync(
            Directory.GetFiles(vault.ConfigDirectory, "cluster-keys.json", SearchOption.AllDirectories)[0], Token))!;
        foreach (var key in Texts(keys)) needles.AddForms("a cluster key", Base64Url.DecodeFromChars(key));

        needles.AssertAbsent("redis", await redis.DumpAsync(Token));

        await control.SendAsync(
            HttpMethod.Post, "/v1/credentials/revoke", new JsonObject { ["lookup"] = lookup }, Token);
        await Metrics.UntilAsync(
            async () => (await redis.AskAsync(Token, "exists", $"vault:changed:{lookup}")).Trim() == "1", Token);
        using var refused = await client.SendAsync("GET", "/kept", cancellationToken: Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_record_that_was_tampered_with_is_not_believed()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var vault = await VaultProcess.StartAsync(settings: Settings(
            redis, ("S3__CredentialCache", "00:00:00"))); // every request asks Redis
        await AnswersAsync(vault);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("kept", Token);
        var name = "";
        await Metrics.UntilAsync(
            async () => (name = (await redis.AskAsync(Token, "keys", "vault:record:*")).Trim()).Length > 0, Token);
        var before = await Metrics.SumAsync(vault, "vault_redis_records_total", Token);
        await redis.AskAsync(Token, "hset", name, "v", "00000000000000000000000000000000000000000000000000000000");
        Assert.NotNull(await ListAsync(client));
        Assert.True(await Metrics.SumAsync(vault, "vault_redis_records_total", Token) > before);
    }

    [Fact]
    public async Task Without_Redis_every_request_succeeds_and_it_is_used_again_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var vault = await VaultProcess.StartAsync(settings: Settings(
            redis, ("S3__CredentialCache", "00:00:00"), ("S3__ProjectRequestsPerSecond", "100000")));
        await AnswersAsync(vault);
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("load", Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var done = 0;
        var load = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await client.PutAsync("load", $"{worker}/{i % 20}", [(byte)i], Token);
                Assert.NotNull(await client.GetAsync("load", $"{worker}/{i % 20}", Token));
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await ProgressAsync();
            if (round == 1)
            {
                redis.Pause();
                await ProgressAsync();
                redis.Resume();
            }
            else
            {
                await redis.StopServerAsync(Token);
                await ProgressAsync();
                await redis.StartServerAsync(Token);
            }

            await AnswersAsync(vault);
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);

        async Task ProgressAsync()
        {
            var goal = Volatile.Read(ref done) + 100;
            await Metrics.UntilAsync(() => Task.FromResult(
                Volatile.Read(ref done) >= goal || load.Any(t => t.IsFaulted)), Token);
        }
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject all => all.SelectMany(one => Texts(one.Value)),
        JsonArray all => all.SelectMany(Texts),
        JsonValue one when one.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static Dictionary<string, string> Settings(RedisServer redis, params (string, string)[] more)
    {
        var settings = new Dictionary<string, string> { ["REDIS_URL"] = redis.Url };
        foreach (var (name, value) in more) settings[name] = value;
        return settings;
    }

    private static (string Id, string Secret, string Lookup) Parts(JsonObject made) => (
        (string)made["credential"]!["access_key_id"]!, (string)made["credential"]!["secret_access_key"]!,
        (string)made["credential"]!["lookup"]!);

    private static Task AnswersAsync(VaultProcess vault) => Metrics.UntilAsync(
        async () => await Metrics.SumAsync(vault, "vault_redis_connected", Token) == 1, Token);

    private static async Task<string> ListAsync(S3TestClient client)
    {
        using var answer = await client.SendAsync("GET", "/kept", cancellationToken: Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Token);
    }
}
