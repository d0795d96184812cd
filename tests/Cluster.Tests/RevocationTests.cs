using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>A credential that a gateway holds in memory ends when it is revoked, not when its minute is over.</summary>
public sealed class RevocationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_credential_is_refused_at_once()
    {
        await using var vault = await VaultProcess.StartAsync();
        using var owner = new S3TestClient(vault);
        await owner.CreateBucketAsync("held", Token);
        using var control = new ControlClient(vault.Control, vault.AdminToken);
        var made = await control.SendSignedAsync(
            "/v1/credentials", new JsonObject(), vault.AccessKeyId, vault.SecretAccessKey, TimeProvider.System, Token);
        var credential = made["credential"]!;
        using var other = new S3TestClient(
            vault.S3, (string)credential["access_key_id"]!, (string)credential["secret_access_key"]!);
        await other.PutAsync("held", "key", [2], Token); // proven: from here on it is in memory
        await control.SendAsync(
            HttpMethod.Post, "/v1/credentials/revoke", new JsonObject { ["lookup"] = (string)credential["lookup"]! },
            Token);
        var began = Stopwatch.GetTimestamp();
        HttpStatusCode status;
        do
        {
            using var answer = await other.SendAsync("GET", "/held/key", cancellationToken: Token);
            status = answer.StatusCode;
        }
        while (status == HttpStatusCode.OK && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal([2], (await owner.GetAsync("held", "key", Token))!);
    }
}
