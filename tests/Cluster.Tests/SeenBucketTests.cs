using System.Net;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>Nothing is refused from how a bucket was last seen (docs/adr/0004).</summary>
public sealed class SeenBucketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credential_that_never_held_the_old_buckets_key_writes_to_the_new_one()
    {
        await using var vault = await VaultProcess.StartAsync();
        using var owner = new S3TestClient(vault);
        await owner.CreateBucketAsync("again", Token);
        await owner.PutAsync("again", "key", [1], Token);
        await owner.DeleteAsync("again", "key", Token);
        using (var deleted = await owner.SendAsync("DELETE", "/again", cancellationToken: Token))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await owner.CreateBucketAsync("again", Token);

        using var control = new ControlClient(vault.Control, null);
        var made = await control.SendSignedAsync(
            "/v1/credentials", new JsonObject(), vault.AccessKeyId, vault.SecretAccessKey, TimeProvider.System, Token);
        var credential = made["credential"]!;
        using var other = new S3TestClient(
            vault.S3, (string)credential["access_key_id"]!, (string)credential["secret_access_key"]!);
        await other.PutAsync("again", "key", [2], Token);
        Assert.Equal([2], (await owner.GetAsync("again", "key", Token))!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_is_answered_from_the_bucket_there_is(bool hadKey)
    {
        await using var vault = await VaultProcess.StartAsync();
        using var owner = new S3TestClient(vault);
        await owner.CreateBucketAsync("again", Token);
        if (hadKey) await owner.PutAsync("again", "key", [1], Token);
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/again/key"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/again/key"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/again"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync("/again/key"));

        await owner.CreateBucketAsync("again", Token);
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/again/key"));
        await owner.PutAsync("again", "key", [2], Token);
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("/again/key"));
        Assert.Null(await owner.GetAsync("again", "key", Token));

        async Task<HttpStatusCode> DeleteAsync(string path)
        {
            using var answer = await owner.SendAsync("DELETE", path, cancellationToken: Token);
            return answer.StatusCode;
        }
    }
}
