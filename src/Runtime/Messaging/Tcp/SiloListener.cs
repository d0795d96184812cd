using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Where a silo listens. It is bound before the silo has an address, so that port 0 means any free one.
/// </summary>
internal sealed class SiloListener : IDisposable
{
    private const int Backlog = 512;

    public SiloListener(EndpointOptions options)
    {
        var endpoint = options.SiloListeningEndpoint
            ?? new IPEndPoint(options.AdvertisedIPAddress ?? IPAddress.Loopback, options.SiloPort);
        Socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            Socket.Bind(endpoint);
            Socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            Socket.Dispose();
            throw new IOException($"The silo can't listen on {endpoint}: {exception.Message}", exception);
        }

        Port = options.SiloPort == 0 ? LocalPort : options.SiloPort;
    }

    public Socket Socket { get; }

    /// <summary>The port that it is bound to.</summary>
    public int LocalPort => ((IPEndPoint)Socket.LocalEndPoint!).Port;

    /// <summary>The port that others connect to.</summary>
    public int Port { get; }

    public void Dispose() => Socket.Dispose();
}
