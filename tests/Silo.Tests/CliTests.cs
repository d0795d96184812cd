using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Silo.Tests;

public sealed class CliTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S3env_prints_lines_a_shell_can_evaluate_and_makes_further_projects()
    {
        await using var vault = await VaultProcess.StartAsync();
        var lines = await RunAsync(vault, "s3env");
        Assert.Equal(
            [
                $"export AWS_ENDPOINT_URL={vault.S3.ToString().TrimEnd('/')}", $"export AWS_ACCESS_KEY_ID={vault.AccessKeyId}",
                $"export AWS_SECRET_ACCESS_KEY={vault.SecretAccessKey}", "export AWS_DEFAULT_REGION=us-east-1",
            ],
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var fresh = JsonNode.Parse(await RunAsync(vault, "s3env", "--new", "backups", "--json"))!;
        Assert.NotEqual(vault.AccessKeyId, (string)fresh["AWS_ACCESS_KEY_ID"]!);
        using var client = new S3TestClient(vault.S3, (string)fresh["AWS_ACCESS_KEY_ID"]!, (string)fresh["AWS_SECRET_ACCESS_KEY"]!);
        await client.CreateBucketAsync("of-the-new-project", Token);
        Assert.Contains(vault.AccessKeyId, await RunAsync(vault, "s3env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        await using var vault = await VaultProcess.StartAsync();
        var made = JsonNode.Parse(await RunAsync(vault, "key", "create", "--label", "ci", "--ops", "get,list", "--days", "7", "--json"))!;
        var listed = JsonNode.Parse(await RunAsync(vault, "key", "list", "--json"))!.AsArray();
        Assert.Contains(listed, k => (string)k!["label"]! == "ci" && (string)k["lookup"]! == (string)made["lookup"]!);
        await RunAsync(vault, "key", "revoke", (string)made["lookup"]!);
        var after = JsonNode.Parse(await RunAsync(vault, "key", "list", "--json"))!.AsArray();
        Assert.Contains(after, k => (string)k!["label"]! == "ci" && k["revoked_at"] is not null);
        Assert.Contains("LOOKUP", (await RunAsync(vault, "key", "list")).ToUpperInvariant(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked_by_identifier()
    {
        await using var vault = await VaultProcess.StartAsync();
        var made = JsonNode.Parse(
            await RunAsync(vault, "token", "create", "--project", vault.ProjectId, "--label", "ci", "--json"))!;
        var identifier = (string)made["identifier"]!;
        async Task<JsonNode> FindAsync() => JsonNode.Parse(await RunAsync(vault, "token", "list", "--json"))!
            .AsArray().Single(t => (string)t!["identifier"]! == identifier)!;
        Assert.Equal("ci", (string)(await FindAsync())["label"]!);
        Assert.Contains(identifier, await RunAsync(vault, "token", "list"), StringComparison.Ordinal);
        await RunAsync(vault, "token", "revoke", "--identifier", identifier);
        Assert.NotNull((await FindAsync())["revoked_at"]);
        var (code, error) = await ProgramTests.RunAsync(
            vault.Directory, "token", "list", "--token", (string)made["token"]!);
        Assert.Equal(1, code);
        Assert.Contains("revoked", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenants_and_projects_are_made_and_shown()
    {
        await using var vault = await VaultProcess.StartAsync();
        var tenant = JsonNode.Parse(await RunAsync(vault, "tenant", "create", "acme", "--email", "a@example.test", "--json"))!;
        var id = (string)tenant["tenant_id"]!;
        var project = JsonNode.Parse(await RunAsync(vault, "project", "create", "site", "--tenant", id, "--email", "b@example.test", "--json"))!;
        var shown = JsonNode.Parse(await RunAsync(vault, "project", "show", (string)project["project"]!["project_id"]!, "--json"))!;
        Assert.Equal(64, ((string)shown["canonical_id"]!).Length);
        Assert.Equal(12, ((string)shown["account_id"]!).Length);
        Assert.Contains("acme", await RunAsync(vault, "tenant", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_finds_a_healthy_machine_healthy_and_keys_inside_the_data_not()
    {
        await using var vault = await VaultProcess.StartAsync();
        var findings = JsonNode.Parse(await RunAsync(vault, "doctor", "--json"))!.AsArray();
        Assert.DoesNotContain(findings, f => (string)f!["verdict"]! == "fail");
        Assert.Contains(findings, f => (string)f!["subject"]! == "library" && ((string)f["message"]!).Contains("libsodium", StringComparison.Ordinal));
        var directory = Directory.CreateTempSubdirectory("vault-doctor-").FullName;
        var (code, _) = await ProgramTests.RunAsync(directory, "doctor", "--data", directory, "--keys", Path.Combine(directory, "keys"), "--s3-port", "0", "--control-port", "0");
        Assert.Equal(1, code);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_verb_without_a_server_says_what_to_start()
    {
        var directory = Directory.CreateTempSubdirectory("vault-cli-").FullName;
        var (code, error) = await ProgramTests.RunAsync(directory, "key", "list");
        Assert.Equal(1, code);
        Assert.Contains("vault up", error, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<string> RunAsync(VaultProcess vault, params string[] arguments)
    {
        var (process, log) = VaultProcess.Launch(vault.Directory, null, arguments);
        using (process)
        {
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, $"vault {string.Join(' ', arguments)} exited {process.ExitCode}: {output} {log}");
            return output;
        }
    }
}
