using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Silo.Tests;

public sealed class ProgramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_start_keeps_data_and_credentials_and_a_stop_exits_with_0()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        string id;
        await using (var first = await VaultProcess.StartAsync(directory))
        {
            id = first.AccessKeyId;
            Assert.Contains("Recovery key", first.Log, StringComparison.Ordinal);
            using var client = new S3TestClient(first);
            await client.CreateBucketAsync("kept", Token);
            await client.PutAsync("kept", "key", [1, 2], Token);
            Assert.Equal(0, await first.StopAsync());
        }

        await using (var second = await VaultProcess.StartAsync(directory))
        {
            Assert.Equal(id, second.AccessKeyId);
            Assert.DoesNotContain("Recovery key", second.Log, StringComparison.Ordinal);
            using var client = new S3TestClient(second);
            Assert.Equal([1, 2], await client.GetAsync("kept", "key", Token));
            Assert.Equal(0, await second.StopAsync());
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Every_file_and_directory_it_makes_is_its_owners_alone_also_after_writes_and_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        foreach (var start in new[] { 1, 2 })
        {
            await using var vault = await VaultProcess.StartAsync(directory);
            using var client = new S3TestClient(vault);
            await client.CreateBucketAsync($"private-{start}", Token);
            foreach (var size in new[] { 10, 100_000, 5_000_000 })
                await client.PutAsync($"private-{start}", $"{size}", new byte[size], Token);
            var (made, error) = await RunAsync(directory, "s3env", "--new", $"further-{start}");
            Assert.True(made == 0, error);
            Assert.Equal(
                start + 1, Directory.GetFiles(vault.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories).Length);
            PrivateFiles.AssertOwnersAlone(vault.DataDirectory);
            PrivateFiles.AssertOwnersAlone(vault.ConfigDirectory);
            Assert.Equal(0, await vault.StopAsync());
        }

        PrivateFiles.AssertOwnersAlone(Path.Combine(directory, "data"));
        PrivateFiles.AssertOwnersAlone(Path.Combine(directory, "config"));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_home_that_does_not_exist_yet_is_made_and_the_working_directory_is_left_alone()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        var home = Path.Combine(directory, "home");
        var start = new System.Diagnostics.ProcessStartInfo(VaultProcess.Program, ["migrate"])
        {
            WorkingDirectory = directory,
        };
        start.Environment["HOME"] = home;
        foreach (var name in new[] { "XDG_CONFIG_HOME", "XDG_DATA_HOME" }) start.Environment.Remove(name);
        using (var process = System.Diagnostics.Process.Start(start)!)
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
        }

        Assert.Equal([home], Directory.GetFileSystemEntries(directory));
        PrivateFiles.AssertOwnersAlone(Path.Combine(home, ".local", "share", "vault"));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Two_servers_on_one_data_directory_the_second_refuses_and_the_first_goes_on()
    {
        await using var first = await VaultProcess.StartAsync();
        var (code, error) = await RunAsync(first.Directory, "serve", "--s3-port", "0", "--control-port", "0");
        Assert.Equal(1, code);
        Assert.Contains("in use by process", error, StringComparison.Ordinal);
        using var client = new S3TestClient(first);
        await client.CreateBucketAsync("still-here", Token);
    }

    [Fact]
    public async Task A_taken_port_gets_a_message_that_names_the_flags()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        await RefusedAsync();
        Assert.Empty(Directory.GetFileSystemEntries(directory));
        await using (var vault = await VaultProcess.StartAsync(directory)) Assert.Equal(0, await vault.StopAsync());
        await RefusedAsync();
        Directory.Delete(directory, recursive: true);

        async Task RefusedAsync()
        {
            var (code, error) = await RunAsync(directory, "up", "--s3-port", $"{port}", "--control-port", "0");
            Assert.Equal(1, code);
            var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("--s3-port", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--s3-port 70000", "--s3-port")]
    [InlineData("--address nowhere", "Address")]
    [InlineData("--s3-tls-port 0", "--tls-cert")]
    [InlineData("--roles gatway", "say all, or some of")]
    [InlineData("--roles silo,node", "STATE_BACKEND")]
    [InlineData("--roles gateway", "VAULT_SILOS")]
    [InlineData("--roles s3 --silos 127.0.0.1", "'127.0.0.1' is not host:port")]
    [InlineData("--roles s3 --silos 127.0.0.1:11111", "--roles proves itself")]
    [InlineData("--roles control --silos 127.0.0.1:11111", "`vault cluster keys`")]
    [InlineData("--roles node --address 0.0.0.0", "Vault:AdvertisedAddress is missing")]
    [InlineData("--address 1.2.3", "--address")]
    [InlineData("--s3-port 9200 --control-port 9200", "both 9200")]
    [InlineData("--config /nonexistent", "'/nonexistent'")]
    public async Task A_wrong_setting_is_named_with_its_fix_before_anything_starts(string arguments, string named)
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        var (code, error) = await RunAsync(directory, ["serve", .. arguments.Split(' ')]);
        Assert.Equal(2, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory, "data")));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Require_production_ready_refuses_to_run_while_a_warning_stands()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        var (process, log) = VaultProcess.Launch(
            directory, new Dictionary<string, string> { ["REQUIRE_PRODUCTION_READY"] = "true" },
            ["serve", "--s3-port", "0", "--control-port", "0"]);
        await process.WaitForExitAsync(Token);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("tls_disabled", log.ToString(), StringComparison.Ordinal);
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Missing_cluster_keys_stop_the_start_and_others_are_never_made()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        await using (var vault = await VaultProcess.StartAsync(directory)) Assert.Equal(0, await vault.StopAsync());
        var keys = Directory.GetFiles(directory, "cluster-keys.json", SearchOption.AllDirectories)[0];
        var kept = await File.ReadAllBytesAsync(keys, Token);
        File.Delete(keys);
        var (code, error) = await RunAsync(directory, "serve", "--s3-port", "0", "--control-port", "0");
        Assert.Equal(1, code);
        Assert.Contains("backup", error, StringComparison.Ordinal);
        Assert.False(File.Exists(keys));
        await File.WriteAllBytesAsync(keys, kept, Token);
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (open, complaint) = await RunAsync(directory, "serve", "--s3-port", "0", "--control-port", "0");
        Assert.NotEqual(0, open);
        Assert.Contains("chmod 600", complaint, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("up")]
    public async Task A_lost_database_stops_the_start_and_nothing_is_swept(string verb)
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        var body = new byte[100_000];
        await using (var vault = await VaultProcess.StartAsync(directory))
        {
            using var client = new S3TestClient(vault);
            await client.CreateBucketAsync("kept", Token);
            await client.PutAsync("kept", "key", body, Token);
            await vault.KillAsync();
        }

        var (state, aside) = (Path.Combine(directory, "data"), Directory.CreateDirectory($"{directory}/aside").FullName);
        foreach (var lost in new[] { "state.db*", "state.db-wal" }) // the whole database, then a copy without its log
        {
            foreach (var file in Directory.GetFiles(state, lost))
                File.Copy(file, Path.Combine(aside, Path.GetFileName(file)), overwrite: true);
            foreach (var file in Directory.GetFiles(state, lost)) File.Delete(file);
            var (code, error) = await RunAsync(directory, verb, "--s3-port", "0", "--control-port", "0");
            Assert.Equal(1, code);
            Assert.Contains("state.db-wal", error, StringComparison.Ordinal);
            foreach (var file in Directory.GetFiles(state, "state.db*")) File.Delete(file);
            foreach (var file in Directory.GetFiles(aside))
                File.Copy(file, Path.Combine(state, Path.GetFileName(file)), overwrite: true);
        }

        await using (var vault = await VaultProcess.StartAsync(directory))
        {
            using var client = new S3TestClient(vault);
            Assert.Equal(body, await client.GetAsync("kept", "key", Token));
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_crash_between_the_owners_file_and_the_project_leaves_one_whole_owner()
    {
        var directory = Directory.CreateTempSubdirectory("vault-program-").FullName;
        await using (var first = await VaultProcess.StartAsync(directory))
        {
            await first.KillAsync();
            var file = Directory.GetFiles(first.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories)[0];
            File.Move(file, file + ".pending");
            await File.WriteAllTextAsync(
                Path.Combine(Path.GetDirectoryName(file)!, "prj_aaaaaaaaaaaaaaaaaaaa.json.pending"), "{}", Token);
        }

        await using (var second = await VaultProcess.StartAsync(directory))
        {
            using var client = new S3TestClient(second);
            await client.CreateBucketAsync("recovered", Token);
            Assert.Empty(Directory.GetFiles(second.ConfigDirectory, "*.pending", SearchOption.AllDirectories));
            Assert.Single(Directory.GetFiles(second.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories));
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Metrics_pass_promtool_and_health_and_readiness_answer()
    {
        await using var vault = await VaultProcess.StartAsync();
        using (var client = new S3TestClient(vault))
        {
            await client.CreateBucketAsync("measured", Token);
            await client.PutAsync("measured", "key", new byte[10_000], Token);
        }

        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(vault.Control, "/metrics"), Token);
        Assert.Contains("vault_", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("measured", metrics, StringComparison.Ordinal);
        var start = new System.Diagnostics.ProcessStartInfo("promtool", "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using var promtool = System.Diagnostics.Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var complaint = await promtool.StandardError.ReadToEndAsync(Token);
        await promtool.WaitForExitAsync(Token);
        Assert.True(promtool.ExitCode == 0, complaint);
        Assert.True((bool)JsonNode.Parse(await http.GetStringAsync(new Uri(vault.Control, "/healthz"), Token))!["ok"]!);
        var ready = JsonNode.Parse(await http.GetStringAsync(new Uri(vault.Control, "/readyz"), Token))!;
        Assert.True((bool)ready["ok"]!);
        Assert.Contains(ready["readiness_warnings"]!.AsArray(), w => (string)w! == "tls_disabled");
        using var wrongPort = await http.GetAsync(new Uri(vault.S3, "/metrics"), Token);
        Assert.NotEqual(HttpStatusCode.OK, wrongPort.StatusCode);
    }

    [Fact]
    public async Task The_log_holds_no_secret_and_no_access_key_id()
    {
        await using var vault = await VaultProcess.StartAsync();
        using (var client = new S3TestClient(vault))
        {
            await client.CreateBucketAsync("logged", Token);
            await client.PutAsync("logged", "key", [1], Token);
        }

        using (var wrong = new S3TestClient(vault.S3, vault.AccessKeyId, "not-the-secret"))
        {
            using var refused = await wrong.SendAsync("GET", "/", cancellationToken: Token);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        Assert.Equal(0, await vault.StopAsync());
        Assert.DoesNotContain(vault.SecretAccessKey, vault.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(vault.AccessKeyId, vault.Log, StringComparison.Ordinal);
    }

    internal static async Task<(int Code, string Error)> RunAsync(string directory, params string[] arguments)
    {
        var (process, log) = VaultProcess.Launch(directory, null, arguments);
        using (process)
        {
            await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            lock (log) return (process.ExitCode, log.ToString());
        }
    }
}
