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
                $"export AWS_ENDPOINT_URL={vault.S3.ToString().TrimEnd('/')}",
                $"export AWS_ACCESS_KEY_ID={vault.AccessKeyId}",
                $"export AWS_SECRET_ACCESS_KEY={vault.SecretAccessKey}", "export AWS_DEFAULT_REGION=us-east-1",
            ],
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var fresh = JsonNode.Parse(await RunAsync(vault, "s3env", "--new", "backups", "--json"))!;
        Assert.NotEqual(vault.AccessKeyId, (string)fresh["AWS_ACCESS_KEY_ID"]!);
        using var client = new S3TestClient(
            vault.S3, (string)fresh["AWS_ACCESS_KEY_ID"]!, (string)fresh["AWS_SECRET_ACCESS_KEY"]!);
        await client.CreateBucketAsync("of-the-new-project", Token);
        Assert.Contains(vault.AccessKeyId, await RunAsync(vault, "s3env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        await using var vault = await VaultProcess.StartAsync();
        var made = JsonNode.Parse(
            await RunAsync(vault, "key", "create", "--label", "ci", "--ops", "get,list", "--days", "7", "--json"))!;
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
        var tenant = JsonNode.Parse(
            await RunAsync(vault, "tenant", "create", "acme", "--email", "a@example.test", "--json"))!;
        var id = (string)tenant["tenant_id"]!;
        var project = JsonNode.Parse(
            await RunAsync(vault, "project", "create", "site", "--tenant", id, "--email", "b@example.test", "--json"))!;
        var shown = JsonNode.Parse(
            await RunAsync(vault, "project", "show", (string)project["project"]!["project_id"]!, "--json"))!;
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
        var directory = Directory.CreateTempSubdirectory("vault-doctor-").FullName;
        var (code, _) = await ProgramTests.RunAsync(
            directory, "doctor", "--data", directory, "--keys", Path.Combine(directory, "keys"), "--s3-port", "0",
            "--control-port", "0");
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

    [Theory]
    [InlineData("key create --days abc", "--days takes a whole number", "vault key create --help")]
    [InlineData("key create --days 0", "from 1 to 365", "vault key create --help")]
    [InlineData("token create --ttl 1h", "--ttl takes a whole number", "vault token create --help")]
    [InlineData("serve --s3-port http", "--s3-port takes a whole number", "vault serve --help")]
    [InlineData("key lst", "no verb 'lst'; it has create, list", "vault key --help")]
    [InlineData("key", "needs a verb: create", "vault key --help")]
    [InlineData("frobnicate", "no verb 'frobnicate'", "vault --help")]
    [InlineData("key list --colour", "--colour", "vault key list --help")]
    [InlineData("key revoke", "lookup", "vault key revoke --help")]
    public async Task A_command_line_that_is_not_understood_names_what_and_whose_help(
        string arguments, string what, string help)
    {
        var directory = Directory.CreateTempSubdirectory("vault-cli-").FullName;
        var (code, error) = await ProgramTests.RunAsync(directory, arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.Contains(what, error, StringComparison.Ordinal);
        Assert.Contains(help, error, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_name_that_a_project_has_is_refused_with_how_to_print_its_lines()
    {
        await using var vault = await VaultProcess.StartAsync();
        await RunAsync(vault, "s3env", "--new", "backups");
        var (code, error) = await ProgramTests.RunAsync(vault.Directory, "s3env", "--new", "backups");
        Assert.Equal(1, code);
        Assert.Contains("vault s3env --project prj_", error, StringComparison.Ordinal);
        var owners = Directory.GetFiles(vault.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories);
        Assert.Equal(2, owners.Length);
    }

    [Fact]
    public async Task An_unknown_project_is_answered_with_those_that_are_here_and_the_way_back()
    {
        await using var vault = await VaultProcess.StartAsync();
        var (code, error) = await ProgramTests.RunAsync(vault.Directory, "s3env", "--project", "prj_unknown");
        Assert.Equal(1, code);
        Assert.Contains(vault.ProjectId, error, StringComparison.Ordinal);
        Assert.Contains("vault key recover --save", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_create_takes_every_operation_that_its_help_lists_and_json_has_plain_signs()
    {
        await using var vault = await VaultProcess.StartAsync();
        var help = await RunAsync(vault, "key", "create", "--help");
        var names = string.Concat(
            help.Split("comma-separated:")[1].Split(';')[0].Where(c => !char.IsWhiteSpace(c)));
        Assert.Contains(",tag,acl,", names, StringComparison.Ordinal);
        await RunAsync(vault, "key", "create", "--ops", names + ",read,write", "--label", "a+b<c>'d");
        Assert.Contains("\"a+b<c>'d\"", await RunAsync(vault, "key", "list", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_a_key_says_when_it_takes_effect()
    {
        await using var vault = await VaultProcess.StartAsync();
        var made = JsonNode.Parse(await RunAsync(vault, "key", "create", "--json"))!;
        var (code, error) = await ProgramTests.RunAsync(vault.Directory, "key", "revoke", (string)made["lookup"]!);
        Assert.Equal(0, code);
        Assert.Contains("60 seconds", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recovery_key_from_standard_input_makes_a_credential_when_all_are_lost()
    {
        await using var vault = await VaultProcess.StartAsync();
        using (var owner = new S3TestClient(vault))
        {
            await owner.CreateBucketAsync("kept", Token);
            await owner.PutAsync("kept", "key", [1, 2, 3], Token);
        }

        File.Delete(Directory.GetFiles(vault.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories)[0]);
        var recovery = vault.Log[vault.Log.IndexOf("vrk1", StringComparison.Ordinal)..].Split('\n')[0].Trim();
        var (wrong, _, complaint) = await PipeAsync(vault, recovery[..^1], "key", "recover");
        Assert.Equal(1, wrong);
        Assert.Contains("not a recovery key", complaint, StringComparison.Ordinal);
        var (code, output, error) = await PipeAsync(vault, recovery + "\n", "key", "recover", "--save", "--json");
        Assert.True(code == 0, error);
        var made = JsonNode.Parse(output)!;
        Assert.Equal(vault.ProjectId, (string)made["project_id"]!);
        Assert.Contains((string)made["access_key_id"]!, await RunAsync(vault, "s3env"), StringComparison.Ordinal);
        PrivateFiles.AssertOwnersAlone(vault.ConfigDirectory);
        using var back = new S3TestClient(
            vault.S3, (string)made["access_key_id"]!, (string)made["secret_access_key"]!);
        Assert.Equal([1, 2, 3], await back.GetAsync("kept", "key", Token));
        Assert.Equal(0, await vault.StopAsync());
        Assert.Single(vault.Log.Split("vrk1").Skip(1));
    }

    private static async Task<(int Code, string Output, string Error)> PipeAsync(
        VaultProcess vault, string input, params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(VaultProcess.Program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["Vault__DataDirectory"] = vault.DataDirectory;
        start.Environment["Vault__ConfigDirectory"] = vault.ConfigDirectory;
        using var process = System.Diagnostics.Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await error);
    }

    private static async Task<string> RunAsync(VaultProcess vault, params string[] arguments)
    {
        var (process, log) = VaultProcess.Launch(vault.Directory, null, arguments);
        using (process)
        {
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(
                process.ExitCode == 0,
                $"vault {string.Join(' ', arguments)} exited {process.ExitCode}: {output} {log}");
            return output;
        }
    }
}
