using System.Text.Json;
using System.Text.RegularExpressions;
using Vault.S3Gateway.Tests.Wire;
using Vault.Testing;

namespace Vault.S3Gateway.Tests;

/// <summary>A process with other settings than the one that the other tests share.</summary>
public sealed partial class SettingsTests
{
    [Fact]
    public async Task Limits_regions_and_the_access_log_are_as_they_were_set()
    {
        var log = Path.Combine(Path.GetTempPath(), $"vault-access-{Guid.NewGuid():N}.log");
        await using var process = await VaultProcess.StartAsync(settings: new Dictionary<string, string>
        {
            ["S3__AccessLog"] = log,
            ["S3__StrictRegion"] = "true",
            ["S3__Region"] = "eu-north-1",
            ["S3__FailedAuthenticationsPerMinute"] = "5",
        });
        var client = new WireClient(process.S3, process.AccessKeyId, process.SecretAccessKey, "eu-north-1");
        (await client.SendAsync("PUT", "/access-log-bucket")).Expect(200);
        Assert.Equal("eu-north-1", (await client.SendAsync("GET", "/access-log-bucket?location"))
            .Value("LocationConstraint"));
        (await client.SendAsync("PUT", "/access-log-bucket")).Expect(409, "BucketAlreadyOwnedByYou");
        var put = (await client.SendAsync(
            "PUT", "/access-log-bucket/private-name", new byte[5000], ("x-forwarded-for", "203.0.113.7"))).Expect(200);
        var presigned = client.Presign("GET", "/access-log-bucket/private-name", TimeSpan.FromMinutes(1));
        var got = (await client.SendUnsignedAsync("GET", presigned)).Expect(200);
        var elsewhere = new WireClient(process.S3, process.AccessKeyId, process.SecretAccessKey, "us-east-1");
        (await elsewhere.SendAsync("GET", "/")).Expect(400, "AuthorizationHeaderMalformed");
        var guesser = new WireClient(process.S3, process.AccessKeyId, new string('a', 53), "eu-north-1");
        var answers = new List<int>();
        for (var i = 0; i < 8; i++)
            answers.Add((await guesser.SendAsync("GET", "/")).Status);
        Assert.Equal([403, 403, 403, 403, 503, 503, 503, 503], answers);
        (await client.SendAsync("GET", "/")).Expect(200);
        Assert.Equal(0, await process.StopAsync());
        var text = await File.ReadAllTextAsync(log);
        File.Delete(log);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var (putLine, getLine) = (Line(lines, put), Line(lines, got));
        Assert.Equal(("PutObject", 200, 5000),
            (putLine.GetProperty("operation").GetString(), putLine.GetProperty("status").GetInt32(),
            putLine.GetProperty("bytes_in").GetInt64()));
        Assert.Equal(("GetObject", 5000),
            (getLine.GetProperty("operation").GetString(), getLine.GetProperty("bytes_out").GetInt64()));
        Assert.Equal("127.0.0.1", putLine.GetProperty("remote").GetString());
        Assert.Matches(EightHexDigits(), getLine.GetProperty("credential").GetString());
        Assert.All(new[] { process.AccessKeyId, process.SecretAccessKey, "private-name", "access-log-bucket",
            "Signature" }, secret =>
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, process.Log, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_proxy_that_is_no_address_is_named_at_the_start()
    {
        var settings = new Dictionary<string, string> { ["S3__TrustedProxies__0"] = "proxy.test" };
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => VaultProcess.StartAsync(null, settings));
        Assert.Contains("S3:TrustedProxies", failed.Message, StringComparison.Ordinal);
    }

    private static JsonElement Line(List<JsonElement> lines, WireResponse answer) =>
        Assert.Single(lines, line => line.GetProperty("request_id").GetString() == answer["x-amz-request-id"]);

    [GeneratedRegex("^[0-9a-f]{8}$")]
    private static partial Regex EightHexDigits();
}
