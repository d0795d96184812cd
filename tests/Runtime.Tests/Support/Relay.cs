using System.Net;
using System.Net.Sockets;

namespace Vault.Runtime.Tests.Support;

/// <summary>A wire between a process and a silo that can be held, let go and cut.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _passing = Passing();

    public Relay()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Everything that came from those who connected.</summary>
    public MemoryStream Seen { get; } = new();

    public void Start(int to) => _ = AcceptAsync(to);

    /// <summary>Nothing passes any more, in either direction; connections stay.</summary>
    public void Hold() => _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _passing.TrySetResult();

    public void Cut()
    {
        lock (_gate)
        {
            _sockets.ForEach(static s => s.Dispose());
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        Release();
        Cut();
    }

    private static TaskCompletionSource Passing()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task AcceptAsync(int to)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var from = await _listener.AcceptSocketAsync(_stopping.Token);
            var silo = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            lock (_gate)
            {
                _sockets.AddRange([from, silo]);
            }

            await silo.ConnectAsync(IPAddress.Loopback, to, _stopping.Token);
            _ = PassAsync(from, silo, Seen);
            _ = PassAsync(silo, from, null);
        }
    }

    private async Task PassAsync(Socket from, Socket to, MemoryStream? seen)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (true)
            {
                await _passing.Task;
                var count = await from.ReceiveAsync(buffer);
                await _passing.Task;
                if (count == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                seen?.Write(buffer.AsSpan(0, count));
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
