using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Vault.S3Gateway;

namespace Vault.Silo.Serve;

/// <summary>The ports of this process: S3 over http and https, and the control port.</summary>
internal sealed class Listeners
{
    private readonly ServeOptions _options;

    public Listeners(ServeOptions options) => _options = options;

    /// <summary>Actual ports, known once the server listens.</summary>
    public int S3Port { get; private set; }

    public int ControlPort { get; private set; }

    public Uri S3 => new($"http://{Host}:{S3Port}");

    public Uri Control => new($"http://{Host}:{ControlPort}");

    public Uri? S3Tls { get; private set; }

    private string Host =>
        IPAddress.Parse(_options.Address) is var address
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? "127.0.0.1"
            : _options.Address;

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.UseS3Limits();
        kestrel.Limits.MaxConcurrentConnections = 10_000;
        var address = IPAddress.Parse(_options.Address);
        kestrel.Listen(address, _options.S3Port, o =>
        {
            o.Protocols = HttpProtocols.Http1;
            o.UseS3Refusals();
        });
        kestrel.Listen(address, _options.ControlPort, o => o.Protocols = HttpProtocols.Http1);
        if (_options.S3TlsPort is not { } tls) return;
        var certificate = LoadCertificate();
        kestrel.Listen(address, tls, o =>
        {
            o.Protocols = HttpProtocols.Http1;
            o.UseHttps(certificate);
            o.UseS3Refusals();
        });
    }

    /// <summary>
    /// Tries the ports before a first start makes anything, so that one that is taken leaves nothing half-made.
    /// </summary>
    public static void RequireFree(ServeOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        foreach (var port in new[] { options.S3Port, options.ControlPort, options.S3TlsPort ?? 0 })
        {
            if (port == 0) continue;
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, port));
                socket.Listen();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new SetupException(
                    $"{new IPEndPoint(address, port)} is taken: another program has the port; choose others with "
                    + "--s3-port and --control-port");
            }
            catch (SocketException e)
            {
                throw new SetupException(
                    $"{new IPEndPoint(address, port)} cannot be listened on: {e.Message}; see --address and --s3-port");
            }
        }
    }

    /// <summary>
    /// Reads the actual ports after the server has started; the order is that of <see cref="Configure"/>.
    /// </summary>
    public void Resolve(IServer server)
    {
        var ports = server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port).ToArray();
        (S3Port, ControlPort) = (ports[0], ports[1]);
        if (ports.Length > 2) S3Tls = new Uri($"https://{Host}:{ports[2]}");
    }

    private X509Certificate2 LoadCertificate()
    {
        try
        {
            // Kestrel needs the key in its own store; exporting and importing is the documented way from PEM.
            using var pem = X509Certificate2.CreateFromPemFile(_options.TlsCert!, _options.TlsKey!);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new SetupException(
                $"--tls-cert and --tls-key are not a matching PEM certificate and key: {e.Message}");
        }
    }
}
