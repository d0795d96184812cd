using Vault.Silo.Engine;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Tests;

/// <summary>A certificate is renewed under a process that runs.</summary>
public sealed class RenewedCertificateTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-renewed-").FullName;
    private readonly Clock _time = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Kubernetes shows the files of a Secret as links through one that it replaces.</summary>
    [Fact]
    public void A_process_takes_a_renewed_secret_of_kubernetes()
    {
        Renew("..first");
        foreach (var file in new[] { "authority.pem", "process.pem", "process.key" })
            File.CreateSymbolicLink(Path.Combine(_directory, file), Path.Combine("..data", file));
        var certificate = ProcessCertificate.Load(
            new ServeOptions
            {
                ClusterTlsCert = Path.Combine(_directory, "process.pem"),
                ClusterTlsKey = Path.Combine(_directory, "process.key"),
                ClusterTlsAuthority = Path.Combine(_directory, "authority.pem"),
            },
            _time);
        var first = certificate.EndsAt;
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Equal(first, certificate.EndsAt);
        Renew("..second");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(first.AddDays(100), certificate.EndsAt);
    }

    /// <summary>A new version of the Secret, and the link that leads to it.</summary>
    private void Renew(string version)
    {
        var data = Path.Combine(_directory, "..data");
        var made = Directory.CreateDirectory(Path.Combine(_directory, version)).FullName;
        if (Directory.Exists(data))
        {
            foreach (var file in new[] { "authority.pem", "authority.key" })
                File.Copy(Path.Combine(data, file), Path.Combine(made, file));
            Directory.Delete(data);
        }

        ClusterCertificateFiles.Make(made, _time);
        File.CreateSymbolicLink(data, version);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.UtcTicks;
    }
}
