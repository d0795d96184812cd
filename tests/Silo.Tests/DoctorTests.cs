using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Vault.Silo.Keys;
using Vault.Testing;

namespace Vault.Silo.Tests;

/// <summary>What <c>vault doctor</c> says of the servers that a cluster shares: the program, on real ones.</summary>
public sealed class DoctorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_hears_notifications_of_the_server_itself_and_warns_of_standbys_that_are_not_waited_for()
    {
        await using var server = await PostgresServer.StartAsync(fsync: true, Token);
        var database = await server.CreateDatabaseAsync(Token);
        var findings = await ExamineAsync(("STATE_BACKEND", "postgres"), ("DATABASE_URL", database));
        Assert.Equal("ok", findings["notifications"].Verdict);
        Assert.Equal(("ok", "no standby is attached"), findings["standbys"]);

        var directory = Directory.CreateTempSubdirectory("vault-standby-").FullName;
        using var standby = Process.Start(new ProcessStartInfo(
            "pg_receivewal",
            [
                "-D", directory, "-h", "127.0.0.1", "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-U",
                "postgres", "--synchronous",
            ]))!;
        try
        {
            await UntilAttachedAsync(database, "async");
            findings = await ExamineAsync(("STATE_BACKEND", "postgres"), ("DATABASE_URL", database));
            Assert.Equal(("warn", "1 of 1 standbys are asynchronous"), findings["standbys"]);
            await server.ExecuteAsync(
                "postgres", "alter system set synchronous_standby_names = 'pg_receivewal'", Token);
            await server.ExecuteAsync("postgres", "select pg_reload_conf()", Token);
            await UntilAttachedAsync(database, "sync");
            findings = await ExamineAsync(("STATE_BACKEND", "postgres"), ("DATABASE_URL", database));
            Assert.Equal("ok", findings["standbys"].Verdict);
        }
        finally
        {
            standby.Kill();
            await standby.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task It_refuses_a_server_that_loses_acknowledged_writes()
    {
        await using var server = await PostgresServer.StartAsync(ct: Token);
        var database = await server.CreateDatabaseAsync(Token);
        var findings = await ExamineAsync(("STATE_BACKEND", "postgres"), ("DATABASE_URL", database));
        Assert.Equal("fail", findings["standbys"].Verdict);
    }

    [Theory]
    [InlineData(0, false, "ok")]
    [InlineData(800, false, "warn")]
    [InlineData(826, false, "fail")]
    [InlineData(0, true, "fail")]
    public async Task It_warns_of_a_certificate_that_ends_and_refuses_one_that_others_would(
        int daysAgo, bool foreign, string verdict)
    {
        var directory = Directory.CreateTempSubdirectory("vault-certificate-").FullName;
        ClusterCertificateFiles.Make(directory, new Earlier(TimeSpan.FromDays(daysAgo)));
        var other = Directory.CreateDirectory(Path.Combine(directory, "other")).FullName;
        ClusterCertificateFiles.Make(other, TimeProvider.System);
        var findings = await ExamineAsync(
            ("Vault__ClusterTlsCert", Path.Combine(directory, ClusterCertificateFiles.ProcessFile)),
            ("Vault__ClusterTlsKey", Path.Combine(directory, ClusterCertificateFiles.ProcessKeyFile)),
            ("Vault__ClusterTlsAuthority", Path.Combine(
                foreign ? other : directory, ClusterCertificateFiles.AuthorityFile)));
        Assert.Equal(verdict, findings["certificate"].Verdict);
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("transaction", "fail")]
    [InlineData("session", "ok")]
    public async Task It_refuses_connections_that_a_pooler_lends_to_others(string mode, string verdict)
    {
        await using var server = await PostgresServer.StartAsync(fsync: true, Token);
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync(Token));
        await using var pooler = await PgBouncer.StartAsync(server.Port, mode, Token);
        database.Port = pooler.Port;
        var findings = await ExamineAsync(("STATE_BACKEND", "postgres"), ("DATABASE_URL", database.ConnectionString));
        Assert.Equal(verdict, findings["notifications"].Verdict);
    }

    [Fact]
    public async Task It_says_whether_Redis_answers_and_never_its_password()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        Assert.Equal("ok", (await ExamineAsync(("REDIS_URL", redis.Url)))["redis"].Verdict);
        await redis.StopServerAsync(Token);
        var url = redis.Url.Replace("//", "//:hunter22@", StringComparison.Ordinal);
        var (verdict, message) = (await ExamineAsync(("REDIS_URL", url)))["redis"];
        Assert.Equal("warn", verdict);
        Assert.DoesNotContain("hunter22", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_reaches_Redis_as_a_user_over_TLS_and_says_what_is_wrong()
    {
        var directory = Directory.CreateTempSubdirectory("vault-authority-").FullName;
        var authority = new ThrowAwayAuthority(directory);
        await using var redis = await RedisServer.StartAsync(
            ["--user", "default", "off", "--user", "vault", "on", ">hunter22", "~*", "&*", "+@all"], authority, Token);
        Assert.Equal("ok", (await RedisAsync("vault:hunter22", authority.RootPath)).Verdict);
        Assert.Equal("warn", (await RedisAsync("vault:hunter22x", authority.RootPath)).Verdict);
        Assert.Equal("warn", (await RedisAsync("vault:hunter22", null)).Verdict);
        Directory.Delete(directory, recursive: true);

        async Task<(string Verdict, string Message)> RedisAsync(string login, string? file) => (await ExamineAsync(
            [
                ("REDIS_URL", redis.UrlOf(login)),
                .. file is null ? [] : new[] { ("Vault__RedisTlsAuthority", file) },
            ]))["redis"];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_examines_a_store_that_runs_instead_of_calling_its_ports_taken(bool variables)
    {
        await using var vault = await VaultProcess.StartAsync();
        string[] ports = ["--s3-port", $"{vault.S3.Port}", "--control-port", $"{vault.Control.Port}"];
        var findings = variables
            ? await ExamineAsync(
                ports, ("VAULT_DATA", vault.DataDirectory), ("VAULT_CONFIG", vault.ConfigDirectory),
                ("Vault__DataDirectory", ""), ("Vault__ConfigDirectory", ""))
            : await ExamineAsync(
                [.. ports, "--data", vault.DataDirectory, "--keys", vault.ConfigDirectory]);
        Assert.Equal("ok", findings["process"].Verdict);
        Assert.Contains($"process {vault.ProcessId} ", findings["process"].Message, StringComparison.Ordinal);
        Assert.Contains($"{vault.S3.Port} ", findings["process"].Message, StringComparison.Ordinal);
        Assert.Contains("it is ready", findings["process"].Message, StringComparison.Ordinal);
        Assert.Contains(vault.ConfigDirectory, findings["keys"].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3 port", findings.Keys);
        Assert.DoesNotContain(findings.Values, f => f.Verdict == "fail");

        await vault.KillAsync(); // its vault.pid stays
        findings = await ExamineAsync([.. ports, "--data", vault.DataDirectory, "--keys", vault.ConfigDirectory]);
        Assert.Equal("nothing serves this data directory now", findings["process"].Message);
        Assert.Equal("ok", findings["S3 port"].Verdict);
    }

    [Fact]
    public async Task Keys_that_a_running_store_has_elsewhere_are_not_called_missing()
    {
        await using var vault = await VaultProcess.StartAsync();
        var findings = await ExamineAsync([], ("Vault__DataDirectory", vault.DataDirectory));
        Assert.Equal("warn", findings["keys"].Verdict);
    }

    private static Task<Dictionary<string, (string Verdict, string Message)>> ExamineAsync(
        params (string Name, string Value)[] settings) =>
        ExamineAsync(["--s3-port", "0", "--control-port", "0"], settings);

    private static async Task<Dictionary<string, (string Verdict, string Message)>> ExamineAsync(
        string[] arguments, params (string Name, string Value)[] settings)
    {
        var directory = Directory.CreateTempSubdirectory("vault-doctor-").FullName;
        try
        {
            var (process, log) = VaultProcess.Launch(
                directory, settings.ToDictionary(s => s.Name, s => s.Value), ["doctor", "--json", .. arguments]);
            using var running = process;
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(output.StartsWith('['), $"{output}{log}");
            Assert.DoesNotContain("hunter22", $"{output}{log}", StringComparison.Ordinal);
            var findings = JsonNode.Parse(output)!.AsArray();
            Assert.Equal(findings.Any(f => (string)f!["verdict"]! == "fail") ? 1 : 0, process.ExitCode);
            return findings.GroupBy(f => (string)f!["subject"]!).ToDictionary(
                f => f.Key, f => ((string)f.First()!["verdict"]!, (string)f.First()!["message"]!));
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException("The doctor's answer is no JSON.", e);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task UntilAttachedAsync(string database, string state)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            $"select count(*) from pg_stat_replication where sync_state = '{state}'", connection);
        using var asking = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // PostgreSQL tells nobody
        while ((long)(await command.ExecuteScalarAsync(Token))! == 0) await asking.WaitForNextTickAsync(Token);
    }

    private sealed class Earlier(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - by;
    }
}
