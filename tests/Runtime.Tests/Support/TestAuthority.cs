using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vault.Runtime.Tests.Support;

/// <summary>An authority that signs certificates for a test, in a folder of its own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly string _folder = Directory.CreateTempSubdirectory("vault-tls").FullName;
    private int _signed;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(AuthorityFile, _certificate.ExportCertificatePem());
    }

    public string AuthorityFile => Path.Combine(_folder, "authority.pem");

    /// <summary>Makes a process show a new certificate, and trust what this authority or another has signed.</summary>
    public void Certify(TransportOptions options, TestAuthority? trusted = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(_certificate, Request("CN=process", key));
        Show(options, certificate.ExportCertificatePem(), key);
        options.AuthorityFile = (trusted ?? this).AuthorityFile;
    }

    /// <summary>The same with a certificate that an intermediate has signed, which is shown too.</summary>
    /// <param name="options">Of the process.</param>
    /// <param name="kept">When given, the intermediate is not shown and this address is named as where it is.</param>
    public void CertifyThroughIntermediate(TransportOptions options, Uri? kept = null)
    {
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intermediateRequest = Request("CN=intermediate", intermediateKey);
        intermediateRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var signed = Sign(_certificate, intermediateRequest);
        using var intermediate = signed.CopyWithPrivateKey(intermediateKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("CN=process", key);
        if (kept is not null)
        {
            request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension(null, [kept.AbsoluteUri]));
        }

        using var certificate = Sign(intermediate, request);
        var pem = certificate.ExportCertificatePem();
        Show(options, kept is null ? $"{pem}\n{signed.ExportCertificatePem()}" : pem, key);
        options.AuthorityFile = AuthorityFile;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static CertificateRequest Request(string name, ECDsa key) => new(name, key, HashAlgorithmName.SHA256);

    private static X509Certificate2 Sign(X509Certificate2 issuer, CertificateRequest request)
    {
        var serial = new byte[8];
        RandomNumberGenerator.Fill(serial);
        return request.Create(issuer, issuer.NotBefore, issuer.NotAfter, serial); // later than its issuer's end is refused
    }

    private void Show(TransportOptions options, string certificates, ECDsa key)
    {
        var name = Path.Combine(_folder, $"process{Interlocked.Increment(ref _signed)}");
        File.WriteAllText(name + ".pem", certificates);
        File.WriteAllText(name + ".key", key.ExportPkcs8PrivateKeyPem());
        (options.CertificateFile, options.CertificateKeyFile) = (name + ".pem", name + ".key");
    }
}
