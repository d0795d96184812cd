using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>TLS on both sides: each shows a certificate that the cluster's authority has signed.</summary>
internal sealed class Tls : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;

    private Tls(TransportOptions options)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(options.AuthorityFile!);
        _certificate = X509Certificate2.CreateFromPemFile(options.CertificateFile!, options.CertificateKeyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.CertificateFile!);
        _context = SslStreamCertificateContext.Create(_certificate, chain, offline: true);
    }

    public static Tls? Load(TransportOptions options) => options.CertificateFile is null ? null : new Tls(options);

    public void Connect(SslStream stream) => stream.AuthenticateAsClient(new SslClientAuthenticationOptions
    {
        TargetHost = "vault",
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTrusted(certificate),
    });

    public void Accept(SslStream stream) => stream.AuthenticateAsServer(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTrusted(certificate),
    });

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    /// <summary>
    /// Silos have addresses that change and no names, so a name is not asked for: membership in the cluster is proven
    /// by the authority's signature and, inside TLS, by the cluster secret.
    /// </summary>
    private bool IsTrusted(X509Certificate? certificate)
    {
        if (certificate is null)
        {
            return false;
        }

        using var shown = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(shown);
    }
}
