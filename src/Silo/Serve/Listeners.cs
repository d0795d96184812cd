using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Vault.S3Gateway;

namespace Vault.Silo.Serve;

/// <summary>The ports of this process: what its roles need, and the control port in any case.</summary>
internal sealed class Listeners
{
    private readonly ServeOptions _options;

    public Listeners(ServeOptions options) => _options = options;

    /// <summary>Actual ports, known once the server listens; 0 for none.</summary>
    public int S3Port { get; private set; }

    public int ControlPort { get; private set; }

    public Uri? S3 => S3Port == 0 ? null : new($"http://{Host}:{S3Port}");

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
        foreach (var port in PortsOf(_options))
        {
            if (port.Use == PortUse.Silo) continue; // the engine listens there itself
            var certificate = port.Use == PortUse.S3Tls ? LoadCertificate() : null;
            kestrel.Listen(address, port.Port, o =>
            {
                o.Protocols = HttpProtocols.Http1;
                if (certificate is not null) o.UseHttps(certificate);
                if (port.Use is PortUse.S3 or PortUse.S3Tls) o.UseS3Refusals();
            });
        }
    }

    /// <summary>The ports that the roles need, in the order in which they are opened.</summary>
    public static IReadOnlyList<ListenPort> PortsOf(ServeOptions options)
    {
        var roles = options.RoleSet;
        var ports = new List<ListenPort>();
        if (roles.HasFlag(Roles.S3)) ports.Add(new(PortUse.S3, "S3Port", "--s3-port", options.S3Port));
        ports.Add(new(PortUse.Control, "ControlPort", "--control-port", options.ControlPort));
        if (roles.HasFlag(Roles.S3) && options.S3TlsPort is { } tls)
            ports.Add(new(PortUse.S3Tls, "S3TlsPort", "--s3-tls-port", tls));
        if (options.IsAlone()) return ports;
        if (roles.HasFlag(Roles.Node)) ports.Add(new(PortUse.Node, "NodePort", "--node-port", options.NodePort));
        if (roles.HasFlag(Roles.Silo)) ports.Add(new(PortUse.Silo, "SiloPort", "--silo-port", options.SiloPort));
        return ports;
    }

    /// <summary>
    /// Tries the ports before a first start makes anything, so that one that is taken leaves nothing half-made.
    /// </summary>
    public static void RequireFree(ServeOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        foreach (var (_, _, flag, port) in PortsOf(options))
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
                    $"{new IPEndPoint(address, port)} is taken: another program has the port; choose another "
                    + $"with {flag}");
            }
            catch (SocketException e)
            {
                throw new SetupException(
                    $"{new IPEndPoint(address, port)} cannot be listened on: {e.Message}; see --address and {flag}");
            }
        }
    }

    /// <summary>
    /// Reads the actual ports after the server has started; the order is that of <see cref="Configure"/>.
    /// </summary>
    public void Resolve(IServer server)
    {
        var actual = server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port).ToArray();
        var opened = PortsOf(_options).Where(p => p.Use != PortUse.Silo).ToArray();
        for (var i = 0; i < opened.Length; i++)
        {
            switch (opened[i].Use)
            {
                case PortUse.S3: S3Port = actual[i]; break;
                case PortUse.Control: ControlPort = actual[i]; break;
                case PortUse.S3Tls: S3Tls = new Uri($"https://{Host}:{actual[i]}"); break;
                default: break;
            }
        }
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
