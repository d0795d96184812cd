using Vault.Testing;

[assembly: AssemblyFixture(typeof(Vault.Clients.Tests.ClientFixture))]

namespace Vault.Clients.Tests;

/// <summary>
/// One server with both listeners and one corpus for all clients; where VAULT_TEST_GATEWAY says 1 or 2, that gateway of
/// a cluster of processes.
/// </summary>
public sealed class ClientFixture : IAsyncLifetime
{
    private VaultProcess? _vault;
    private ClusterFixture? _cluster;
    private ClusterProcess? _gateway;
    private int _buckets;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("vault-clients-").FullName;

    public string AccessKeyId => _vault?.AccessKeyId ?? _cluster!.AccessKeyId;

    public string SecretAccessKey => _vault?.SecretAccessKey ?? _cluster!.SecretAccessKey;

    internal ThrowAwayAuthority Authority { get; private set; } = null!;

    internal Corpus Corpus { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = new ThrowAwayAuthority(Directory);
        Corpus = new Corpus(Directory);

        // Version 1 of the aws cli presigns with SigV2 in us-east-1 unless told otherwise; we refuse SigV2.
        await File.WriteAllTextAsync(Path.Combine(Directory, "aws-config"),
            "[default]\ns3 =\n  signature_version = s3v4\n");
        if (int.TryParse(Environment.GetEnvironmentVariable("VAULT_TEST_GATEWAY"), out var number))
        {
            _cluster = await ClusterFixture.StartAsync(
                new ClusterShape { Tls = (Authority.CertificatePath, Authority.KeyPath) });
            _gateway = _cluster.Gateways[number - 1];
            return;
        }

        _vault = await VaultProcess.StartAsync(
            null, null, "--s3-tls-port", "0", "--tls-cert", Authority.CertificatePath, "--tls-key", Authority.KeyPath);
    }

    public Uri Endpoint(string scheme) => scheme == "https"
        ? _vault?.S3Tls ?? _gateway!.Tls!
        : _vault?.S3 ?? _gateway!.Address;

    public string NewBucket(string client) => $"{client}-{Interlocked.Increment(ref _buckets)}";

    public string NewFolder(string name)
    {
        var folder = Path.Combine(Directory, $"{name}-{Interlocked.Increment(ref _buckets)}");
        System.IO.Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>What AWS tools read.</summary>
    public Dictionary<string, string> AwsEnvironment() => new()
    {
        ["AWS_ACCESS_KEY_ID"] = AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = SecretAccessKey,
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_REGION"] = "us-east-1",
        ["AWS_CA_BUNDLE"] = Authority.RootPath,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = Path.Combine(Directory, "aws-config"),
        ["NODE_EXTRA_CA_CERTS"] = Authority.RootPath,
        ["HOME"] = Directory,
        ["LC_ALL"] = "C.UTF-8",
    };

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_vault is not null) await _vault.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
