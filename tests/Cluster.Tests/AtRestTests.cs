using System.Net;
using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Checksums;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>Promise 3: a copy of disk and database decrypts nothing (decisions §5, Show).</summary>
public sealed class AtRestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, string> SmallLogs = new() { ["Volume__LogBytes"] = "4194304" };

    [Fact]
    public async Task No_plaintext_digest_metadata_or_secret_is_in_any_file_or_in_a_dump_of_sqlite()
    {
        await using var vault = await VaultProcess.StartAsync(null, SmallLogs);
        var needles = await StoreAsync(vault);
        Assert.Equal(0, await vault.StopAsync());
        await AddKeysAsync(needles, vault, "hex({0})", sql =>
            RunAsync("sqlite3", "-readonly", Path.Combine(vault.DataDirectory, "state.db"), sql));
        needles.AssertAbsent(vault.DataDirectory);
        var dump = await RunAsync("sqlite3", "-readonly", Path.Combine(vault.DataDirectory, "state.db"), ".dump");
        needles.AssertAbsent("sqlite dump", dump);
        Assert.Contains("secret-key-name", Encoding.UTF8.GetString(Needles.Decode(dump)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_plaintext_digest_metadata_or_secret_is_in_any_file_or_in_a_dump_of_postgres()
    {
        await using var server = await PostgresServer.StartAsync(ct: Token);
        var connection = await server.CreateDatabaseAsync(Token);
        var settings = new Dictionary<string, string>(SmallLogs)
        {
            ["STATE_BACKEND"] = "postgres",
            ["DATABASE_URL"] = connection,
        };
        await using var vault = await VaultProcess.StartAsync(null, settings);
        var needles = await StoreAsync(vault);
        Assert.Equal(0, await vault.StopAsync());
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(connection);
        string[] database = ["-h", parts.Host!, "-p", $"{parts.Port}", "-U", parts.Username!, parts.Database!];
        await AddKeysAsync(
            needles, vault, "encode({0}, 'hex')", sql => RunAsync("psql", ["-At", "-c", sql, .. database]));
        needles.AssertAbsent(vault.DataDirectory);
        var dump = await RunAsync("pg_dump", ["--inserts", .. database]);
        needles.AssertAbsent("postgres dump", dump);
        Assert.Contains("secret-key-name", Encoding.UTF8.GetString(Needles.Decode(dump)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_opens_with_the_access_key_id_and_the_cluster_key_and_with_neither_alone()
    {
        await using var vault = await VaultProcess.StartAsync(null, SmallLogs);
        Assert.Equal(0, await vault.StopAsync());
        Assert.True(AccessKeyId.TryParse(vault.AccessKeyId, out var id));
        var row = await RunAsync(
            "sqlite3", "-readonly", Path.Combine(vault.DataDirectory, "state.db"),
            $"select hex(record) from credential where hex(lookup) = upper('{id.Lookup}')");
        var record = Convert.FromHexString(row.Trim());
        var path = Directory.GetFiles(vault.ConfigDirectory, "cluster-keys.json", SearchOption.AllDirectories)[0];
        Assert.True(ClusterKeys.TryParse(await File.ReadAllBytesAsync(path, Token), out var keys, out _));
        using var otherCluster = ClusterKeys.Generate();

        Assert.True(SealedCredential.TryOpen(record, id, keys, out var opened));
        Assert.Equal(vault.SecretAccessKey, opened.SecretAccessKey.Reveal());
        Assert.False(SealedCredential.TryOpen(record, id, otherCluster, out _));
        Assert.False(SealedCredential.TryOpen(record, AccessKeyId.Generate(), keys, out _));
        keys.Dispose();
        opened.Dispose();
    }

    [Fact]
    public async Task The_key_directory_is_private_and_holds_no_data_and_the_data_directory_holds_no_key()
    {
        await using var vault = await VaultProcess.StartAsync();
        foreach (var file in Directory.GetFiles(vault.ConfigDirectory, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.NotEmpty(Directory.GetFiles(vault.ConfigDirectory, "prj_*.json", SearchOption.AllDirectories));
        var names = Directory.GetFiles(vault.DataDirectory, "*.json", SearchOption.AllDirectories)
            .Select(Path.GetFileName);
        Assert.Equal(["endpoints.json"], names);
    }

    /// <summary>Objects of every kind whose every byte is known.</summary>
    private static async Task<Needles> StoreAsync(VaultProcess vault)
    {
        var needles = new Needles();
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("at-rest", Token);
        foreach (var size in new[] { 64, 4096, 4097, 300_000 })
        {
            var body = RandomNumberGenerator.GetBytes(size);
            await client.PutAsync("at-rest", $"secret-key-name/{size}", body, Token);
            needles.AddRuns(body);
        }

        byte[][] parts = [RandomNumberGenerator.GetBytes(5 << 20), RandomNumberGenerator.GetBytes(1000)];
        await client.MultipartAsync("at-rest", "parts", parts, Token);
        foreach (var part in parts) needles.AddRuns(part);
        await client.CopyAsync("at-rest", "secret-key-name/4097", "copy", Token);

        var four = RandomNumberGenerator.GetBytes(4);
        var metadata = $"metadata-{RandomNumberGenerator.GetHexString(24)}";
        var checksum = Convert.ToBase64String(SHA256.HashData(four));
        var headers = new Dictionary<string, string>
        {
            ["x-amz-meta-colour"] = metadata,
            ["x-amz-checksum-sha256"] = checksum,
        };
        using (var put = await client.SendAsync("PUT", "/at-rest/four", four, headers, Token))
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        foreach (var digest in Digests(four)) needles.AddForms($"{digest.Length}-byte digest", digest);
        needles.Add("user metadata", Encoding.ASCII.GetBytes(metadata));
        var recovery = vault.Log[vault.Log.IndexOf("vrk1", StringComparison.Ordinal)..].Split('\n')[0].Trim();
        needles.Add("recovery key", Encoding.ASCII.GetBytes(recovery));
        needles.Add("secret access key", Encoding.ASCII.GetBytes(vault.SecretAccessKey));
        needles.Add("access key id", Encoding.ASCII.GetBytes(vault.AccessKeyId));
        return needles;
    }

    /// <summary>Every key the store is sealed with, opened as a front end opens it: the access key id and the cluster's
    /// keys open the record, the record the project's secret, that the bucket's key.</summary>
    private static async Task AddKeysAsync(
        Needles needles, VaultProcess vault, string hex, Func<string, Task<string>> query)
    {
        string Hex(string column) => string.Format(System.Globalization.CultureInfo.InvariantCulture, hex, column);
        Assert.True(AccessKeyId.TryParse(vault.AccessKeyId, out var id));
        Assert.True(ProjectId.TryParse(vault.ProjectId, out var project));
        var path = Directory.GetFiles(vault.ConfigDirectory, "cluster-keys.json", SearchOption.AllDirectories)[0];
        Assert.True(ClusterKeys.TryParse(await File.ReadAllBytesAsync(path, Token), out var keys, out _));
        using var cluster = keys;
        var record = Assert.Single(Rows(await query($"select {Hex("record")} from credential where label = 'owner'")));
        Assert.True(SealedCredential.TryOpen(Convert.FromHexString(record[0]), id, cluster, out var opened));
        using var credential = opened;
        needles.AddForms("credential's private key", credential.Pair!.PrivateKey.Bytes);
        needles.Add("macaroon", Encoding.ASCII.GetBytes(credential.Macaroon));

        var projectBoxes = Rows(await query(
            $"select k.key_no, {Hex("k.box")} from project_key_box k join credential c on c.lookup = k.lookup where "
            + "c.label = 'owner'"));
        var box = Assert.Single(projectBoxes);
        Assert.True(ProjectSecret.TryOpen(
            Convert.FromHexString(box[1]), project, uint.Parse(box[0], null), credential.Pair, out var secret));
        using var owned = secret;
        needles.AddForms("project key", secret.DataKey.Bytes);
        needles.AddForms("project's private key", secret.Pair.PrivateKey.Bytes);

        var bucketBoxes = Rows(await query($"select {Hex("bucket_id")}, key_no, {Hex("box")} from bucket_key_box"));
        Assert.NotEmpty(bucketBoxes);
        foreach (var row in bucketBoxes)
        {
            var bucket = BucketId.FromBytes(Convert.FromHexString(row[0]));
            Assert.True(BucketKey.TryOpen(
                Convert.FromHexString(row[2]), bucket, uint.Parse(row[1], null), secret.Pair, out var key));
            using (key) needles.AddForms("bucket key", key.Key.Bytes);
        }
    }

    private static string[][] Rows(string output) =>
        Array.ConvertAll(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.Trim().Split('|'));

    private static IEnumerable<byte[]> Digests(byte[] body)
    {
#pragma warning disable CA5350, CA5351 // the digests an S3 server may be asked for
        yield return MD5.HashData(body);
        yield return SHA1.HashData(body);
#pragma warning restore CA5350, CA5351
        yield return SHA256.HashData(body);
        foreach (var algorithm in new[] { ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc64Nvme })
        {
            using var checksum = new IncrementalChecksum(algorithm);
            checksum.Append(body);
            yield return Convert.FromBase64String(checksum.Finish().ToBase64());
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
