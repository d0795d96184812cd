using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Vault.Client.Keys;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Engine;

/// <summary>
/// What this process proves itself with to the others, and whom it believes: mutual TLS on silo and gateway ports, with
/// certificates of the cluster's own authority and of nobody else. Names are not looked at: being of the cluster is
/// what counts. The files are read again when they have changed.
/// </summary>
internal sealed class ProcessCertificate
{
    /// <summary>How often files are looked at, at most.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Func<(X509Certificate2 Own, X509Certificate2Collection Authority)> _read;
    private readonly string[] _files;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private (X509Certificate2 Own, X509Certificate2Collection Authority) _current;
    private DateTime[] _changed;
    private long _lookedAt;

    private ProcessCertificate(
        Func<(X509Certificate2, X509Certificate2Collection)> read, string[] files, TimeProvider time)
    {
        (_read, _files, _time) = (read, files, time);
        _changed = Changes();
        _current = read();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>When this process's certificate ends.</summary>
    public DateTimeOffset EndsAt => Current.Own.NotAfter;

    /// <summary>Whether others with the same authority believe this process.</summary>
    public bool BelievesItself => Believes(Current.Own);

    /// <summary>The files that the settings name.</summary>
    /// <exception cref="SetupException">They cannot be used.</exception>
    public static ProcessCertificate Load(ServeOptions options, TimeProvider? time = null)
    {
        var (cert, key, authority) =
            (options.ClusterTlsCert!, options.ClusterTlsKey!, options.ClusterTlsAuthority!);
        ProcessCertificate own;
        try
        {
            own = new ProcessCertificate(() => Read(cert, key, authority), [cert, key, authority],
                time ?? TimeProvider.System);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw new SetupException(
                $"'{cert}', '{key}' and '{authority}' do not make a certificate, its key and its authority: {e.Message} "
                + "`vault cluster keys` makes them");
        }

        if (own.BelievesItself) return own;
        throw new SetupException(
            $"no other process will believe the certificate in '{cert}': it "
            + (own.EndsAt <= own._time.GetUtcNow()
                ? $"ended on {own.EndsAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC. "
                : $"is not of the authority in '{authority}', or not for both ends of a connection. ")
            + "docs/runbooks/install.md says how to renew it");
    }

    /// <summary>Whether the files cannot be used as they are, or not yet: somebody may be writing them.</summary>
    private static bool IsUnreadable(Exception e) =>
        e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    /// <summary>One that this process alone has, and believes no other.</summary>
    public static ProcessCertificate Alone()
    {
        using var authority = ClusterAuthority.Make(TimeProvider.System);
        var own = authority.Issue("vault alone");
        var trusted = new X509Certificate2Collection(authority.Certificate);
        return new ProcessCertificate(() => (own, trusted), [], TimeProvider.System);
    }

    /// <summary>Both ends of every connection between processes.</summary>
    public void Apply(TlsOptions tls)
    {
        tls.LocalCertificate = Current.Own;
        tls.LocalServerCertificateSelector = (_, _) => Current.Own;
        tls.LocalClientCertificateSelector = (_, _, _, _, _) => Current.Own;
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (certificate, _, _) => Believes(certificate);
        tls.OnAuthenticateAsClient = static (_, client) => client.TargetHost = EngineWiring.Cluster;
    }

    /// <summary>Whether the authority has signed it, for both ends of a connection, and it has not ended.</summary>
    public bool Believes(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Current.Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClusterAuthority.ServerUse));
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClusterAuthority.ClientUse));
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    private (X509Certificate2 Own, X509Certificate2Collection Authority) Current
    {
        get
        {
            lock (_lock)
            {
                if (_files.Length == 0 || _time.GetElapsedTime(_lookedAt) < Look) return _current;
                _lookedAt = _time.GetTimestamp();
                var changed = Changes();
                if (changed.AsSpan().SequenceEqual(_changed)) return _current;
                try
                {
                    (_current, _changed) = (_read(), changed);
                }
                catch (Exception e) when (IsUnreadable(e) || e is SetupException or KeysExposedException)
                {
                    // Half written: what was read before serves until the next look.
                }

                return _current;
            }
        }
    }

    /// <summary>Files of a Secret are links in Kubernetes that stay; what they lead to is replaced.</summary>
    private DateTime[] Changes() => [.. _files.Select(static file =>
        File.Exists(file) && File.ResolveLinkTarget(file, returnFinalTarget: true) is { } target
            ? target.LastWriteTimeUtc
            : File.GetLastWriteTimeUtc(file))];

    private static (X509Certificate2, X509Certificate2Collection) Read(string cert, string key, string authority)
    {
        if (PrivateFile.ReadShared(key) is not { } secret)
            throw new SetupException($"Vault:ClusterTlsKey names '{key}', which does not exist.");
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(authority);
        if (trusted.Count == 0) throw new CryptographicException($"there is no certificate in '{authority}'.");
        using var read = X509Certificate2.CreateFromPem(File.ReadAllText(cert), secret);
        return (read.Usable(), trusted);
    }
}
