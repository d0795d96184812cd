using Vault.Testing;

[assembly: AssemblyFixture(typeof(Vault.Clients.Tests.ClientFixture))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Vault.Clients.Tests;

/// <summary>One server with both listeners and one corpus for all clients.</summary>
public sealed class ClientFixture : IAsyncLifetime
{
    private VaultProcess? _vault;
    private int _buckets;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("vault-clients-").FullName;

    public VaultProcess Vault => _vault!;

    internal ThrowAwayAuthority Authority { get; private set; } = null!;

    internal Corpus Corpus { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = new ThrowAwayAuthority(Directory);
        Corpus = new Corpus(Directory);

        // Version 1 of the aws cli presigns with SigV2 in us-east-1 unless told otherwise; we refuse SigV2.
        await File.WriteAllTextAsync(Path.Combine(Directory, "aws-config"),
            "[default]\ns3 =\n  signature_version = s3v4\n");
        _vault = await VaultProcess.StartAsync(
            null, null, "--s3-tls-port", "0", "--tls-cert", Authority.CertificatePath, "--tls-key", Authority.KeyPath);
    }

    public Uri Endpoint(string scheme) => scheme == "https" ? Vault.S3Tls! : Vault.S3;

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
        ["AWS_ACCESS_KEY_ID"] = Vault.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = Vault.SecretAccessKey,
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
        if (_vault is not null) await _vault.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
