using System.Net;
using System.Net.Sockets;

namespace Vault.Grains.Tests.Repair;

/// <summary>A port in front of a node that lets nothing through until it is opened.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _target;

    public Gate(string endpoint)
    {
        _target = IPEndPoint.Parse(endpoint);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>Somebody stands before it.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.TrySetResult();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        _reached.TrySetResult();
        await _open.Task;
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(_target);
        await Task.WhenAny(
            near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
    }
}
