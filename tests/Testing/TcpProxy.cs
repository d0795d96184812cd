using System.Net;
using System.Net.Sockets;

namespace Vault.Testing;

/// <summary>What the proxy does with a connection's bytes.</summary>
public enum ProxyMode
{
    /// <summary>Passes everything on.</summary>
    Pass,

    /// <summary>Cuts the connection when the client sends, before the server sees it.</summary>
    CutRequest,

    /// <summary>Passes requests on, and cuts the connection when the server answers.</summary>
    CutAnswer,

    /// <summary>Passes requests on, and keeps answers back for ever.</summary>
    HoldAnswer,

    /// <summary>Cuts new connections at once.</summary>
    Refuse,
}

/// <summary>A TCP proxy on loopback in front of a server, to let connections die at chosen moments.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int target;
    private volatile ProxyMode mode;

    public TcpProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public ProxyMode Mode
    {
        get => mode;
        set => mode = value;
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var token = stop.Token;
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(token);
                if (mode == ProxyMode.Refuse)
                {
                    client.Dispose();
                    continue;
                }

                _ = ServeAsync(client, token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>A server that is not there costs the client its connection, and nobody else theirs.</summary>
    private async Task ServeAsync(Socket client, CancellationToken token)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target, token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            client.Dispose();
            server.Dispose();
            return;
        }

        await Task.WhenAll(
            PumpAsync(client, server, isAnswer: false, token), PumpAsync(server, client, isAnswer: true, token));
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer, CancellationToken token)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer, token) is var count and > 0)
            {
                if (mode == (isAnswer ? ProxyMode.CutAnswer : ProxyMode.CutRequest))
                {
                    break;
                }

                if (isAnswer && mode == ProxyMode.HoldAnswer)
                {
                    continue;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        from.Dispose();
        to.Dispose();
    }
}
