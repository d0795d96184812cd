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
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsTrusted(certificate, chain),
    });

    public void Accept(SslStream stream) => stream.AuthenticateAsServer(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsTrusted(certificate, chain),
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
    private bool IsTrusted(X509Certificate? certificate, X509Chain? presented)
    {
        if (certificate is null)
        {
            return false;
        }

        using var shown = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        using var chain = new X509Chain { ChainPolicy = Policy() };
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore); // what the peer sent with it
        }

        return chain.Build(shown);
    }

    /// <summary>Trusts the authority alone, and fetches nothing that an unproven peer's certificate names.</summary>
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(_authority);
        return policy;
    }
}
