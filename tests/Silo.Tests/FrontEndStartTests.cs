using System.Text;
using Vault.Silo.Keys;
using Vault.Testing;

namespace Vault.Silo.Tests;

/// <summary>A front end that starts before any silo, or with a certificate that none would believe.</summary>
public sealed class FrontEndStartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-front-end-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Certificates => Path.Combine(_directory, "tls");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Without_a_silo_it_says_so_once_in_a_while_and_ends_in_order()
    {
        await MakeKeysAsync(TimeProvider.System);
        var (process, log) = VaultProcess.Launch(_directory, Settings(), ["serve"]);
        using (process)
        {
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // the log is another process's
            while (!Said(log).Contains("No silo of 127.0.0.1:1", StringComparison.Ordinal))
                await look.WaitForNextTickAsync(Token);
            Assert.False(process.HasExited);
            VaultProcess.Terminate(process);
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
        }

        Assert.Single(Said(log).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task With_a_certificate_that_has_ended_it_does_not_start()
    {
        await MakeKeysAsync(new LongAgo());
        await AssertRefusedAsync("it ended on 2003-");
    }

    [Fact]
    public async Task With_a_certificate_of_another_authority_it_does_not_start()
    {
        await MakeKeysAsync(TimeProvider.System);
        var other = Path.Combine(_directory, "other");
        ClusterCertificateFiles.Make(Directory.CreateDirectory(other).FullName, TimeProvider.System);
        foreach (var file in new[] { "process.pem", "process.key" })
            File.Move(Path.Combine(other, file), Path.Combine(Certificates, file), overwrite: true);
        await AssertRefusedAsync("is not of the authority");
    }

    private static string Said(StringBuilder log)
    {
        lock (log) return log.ToString();
    }

    private async Task AssertRefusedAsync(string why)
    {
        var (process, log) = VaultProcess.Launch(_directory, Settings(), ["serve"]);
        using (process)
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(1, process.ExitCode);
        }

        var line = Assert.Single(Said(log).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(why, line, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Certificates, "process.pem"), line, StringComparison.Ordinal);
    }

    private async Task MakeKeysAsync(TimeProvider time)
    {
        var (process, _) = VaultProcess.Launch(
            _directory, null,
            ["cluster", "keys", "--cluster-keys", "keys.json", "--cluster-secret", "secret"]);
        using (process)
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
        }

        ClusterCertificateFiles.Make(Directory.CreateDirectory(Certificates).FullName, time);
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["Vault__Roles"] = "s3",
        ["Vault__S3Port"] = "0",
        ["Vault__ControlPort"] = "0",
        ["VAULT_SILOS"] = "127.0.0.1:1",
        ["Vault__ClusterKeysFile"] = Path.Combine(_directory, "keys.json"),
        ["Vault__ClusterSecretFile"] = Path.Combine(_directory, "secret"),
        ["Vault__ClusterTlsCert"] = Path.Combine(Certificates, "process.pem"),
        ["Vault__ClusterTlsKey"] = Path.Combine(Certificates, "process.key"),
        ["Vault__ClusterTlsAuthority"] = Path.Combine(Certificates, "authority.pem"),
    };

    private sealed class LongAgo : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
