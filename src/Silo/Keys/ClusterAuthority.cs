using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vault.Silo.Keys;

/// <summary>
/// The small authority by which the processes of one cluster know each other: a self-signed P-256 certificate, and what
/// it has signed.
/// </summary>
internal sealed class ClusterAuthority : IDisposable
{
    /// <summary>Extended key usage: what serves over TLS.</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    /// <summary>Extended key usage: what calls over TLS.</summary>
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ProcessLife = TimeSpan.FromDays(825);

    /// <summary>Clocks of machines differ.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;

    private ClusterAuthority(X509Certificate2 certificate, TimeProvider time) => (Certificate, _time) = (certificate, time);

    public X509Certificate2 Certificate { get; }

    public static ClusterAuthority Make(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vault cluster authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new ClusterAuthority(request.CreateSelfSigned(now - Before, now + AuthorityLife), time);
    }

    /// <summary>Reads one that was written before.</summary>
    public static ClusterAuthority Read(string certificate, string key, TimeProvider time)
    {
        using var read = X509Certificate2.CreateFromPem(
            File.ReadAllText(certificate),
            PrivateFile.Read(key) ?? throw new FileNotFoundException("The authority's key is not there.", key));
        return new ClusterAuthority(read.Usable(), time);
    }

    /// <summary>A certificate for one process, with its key; good for both ends of a connection.</summary>
    public X509Certificate2 Issue(string name, TimeSpan? life = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        var now = _time.GetUtcNow();
        var end = now + (life ?? ProcessLife);
        if (end > Certificate.NotAfter) end = Certificate.NotAfter;
        using var signed = request.Create(Certificate, now - Before, end, RandomNumberGenerator.GetBytes(16));
        using var whole = signed.CopyWithPrivateKey(key);
        return whole.Usable();
    }

    public void Dispose() => Certificate.Dispose();
}

/// <summary>Certificates as files.</summary>
internal static class ClusterCertificateFiles
{
    public const string AuthorityFile = "authority.pem";
    public const string AuthorityKeyFile = "authority.key";
    public const string ProcessFile = "process.pem";
    public const string ProcessKeyFile = "process.key";

    /// <summary>
    /// Makes an authority and a certificate of it in <paramref name="directory"/>, or only a new certificate where the
    /// authority is there already.
    /// </summary>
    public static void Make(string directory, TimeProvider time)
    {
        var (certificate, key) =
            (Path.Combine(directory, AuthorityFile), Path.Combine(directory, AuthorityKeyFile));
        var there = File.Exists(certificate);
        using var authority =
            there ? ClusterAuthority.Read(certificate, key, time) : ClusterAuthority.Make(time);
        if (!there) Write(authority.Certificate, certificate, key);
        using var own = authority.Issue("vault process");
        Write(own, Path.Combine(directory, ProcessFile), Path.Combine(directory, ProcessKeyFile));
    }

    /// <summary>With its key where TLS finds it.</summary>
    public static X509Certificate2 Usable(this X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);

    /// <summary>The key first: a certificate without its key is none.</summary>
    private static void Write(X509Certificate2 certificate, string to, string keyTo)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        PrivateFile.Write(keyTo, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(to, certificate.ExportCertificatePem() + "\n");
    }
}
