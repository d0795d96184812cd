using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Frames over TCP. Every process connects to each silo that it calls, and gets its answers over that connection; a
/// silo calls a client over the one that the client has made. Whoever connects never stops reading, so the other may:
/// that is the backpressure against a process that sends more than it takes.
/// </summary>
internal sealed partial class TcpTransport(
    TransportOptions options, string cluster, SiloListener? listener, TimeProvider time,
    RemoteInstruments instruments, ILogger<TcpTransport> logger) : ITransport, IDisposable
{
    private static readonly TimeSpan s_redialAfter = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<SiloAddress, TcpLink> _silos = new();
    private readonly ConcurrentDictionary<SiloAddress, TcpLink> _clients = new();
    private readonly ConcurrentDictionary<SiloAddress, long> _refused = new();
    private readonly ConcurrentDictionary<TcpLink, bool> _links = new();
    private readonly CancellationTokenSource _stopping = new();
    private ITransportUser? _user;
    private volatile Handshake? _handshake;
    private Tls? _tls;
    private ITimer? _heartbeat;
    private int _disposed;

    public TransportOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public RemoteInstruments Instruments { get; } = instruments;

    /// <summary>Connections, those included that are being made.</summary>
    public int Connections => _links.Count;

    /// <summary>Whether any silo is connected to.</summary>
    public bool HasSilo => _silos.Values.Any(static l => l.IsUp);

    /// <summary>Whether this silo is connected to.</summary>
    public bool IsConnected(SiloAddress silo) => _silos.TryGetValue(silo, out var link) && link.IsUp;

    /// <summary>Whether any silo that listens there is connected to.</summary>
    public bool IsConnected(IPEndPoint endpoint) =>
        _silos.Any(s => s.Value.IsUp && s.Key.Endpoint.Equals(endpoint));

    public void Open(SiloAddress self, ITransportUser user)
    {
        _user = user;
        _handshake = new Handshake(Handshake.SecretOf(Options), cluster, self);
        if (_heartbeat is not null)
        {
            return; // opened again
        }

        _tls = Tls.Load(Options);
        _heartbeat = Time.CreateTimer(
            _ => Beat(), null, Options.HeartbeatInterval / 2, Options.HeartbeatInterval / 2);
        if (listener is not null)
        {
            _ = new Acceptor(Options, Time, logger).RunAsync(listener.Socket, Accept, _stopping.Token);
        }
    }

    public Link? Find(SiloAddress to)
    {
        if (_handshake is not { } handshake)
        {
            return null;
        }

        if (to.IsClient)
        {
            return _clients.GetValueOrDefault(to);
        }

        return _silos.TryGetValue(to, out var link) ? link : Dial(to, handshake);
    }

    /// <summary>Connects to whatever silo listens there; it is found by its address from then on.</summary>
    public Task DialAsync(IPEndPoint endpoint)
    {
        if (_handshake is not { } handshake)
        {
            return Task.CompletedTask;
        }

        var link = new TcpLink(this, null, dialled: true);
        _links[link] = true;
        Run(() => RunDialled(link, endpoint, handshake));
        return link.Established;
    }

    public async Task CloseAsync()
    {
        _handshake = null;
        foreach (var (link, _) in _links)
        {
            if (!link.IsDialled)
            {
                link.CloseInOrder();
            }
        }

        try
        {
            await Task.WhenAll(_links.Keys.Where(static l => !l.IsDialled).Select(static l => l.Ended))
                .WaitAsync(Options.CloseTimeout, Time);
        }
        catch (TimeoutException)
        {
            LogNotClosed(logger, _links.Keys.Count(static l => !l.IsDialled));
        }

        CloseAll();
    }

    public void Abort()
    {
        _handshake = null;
        _stopping.Cancel();
        _heartbeat?.Dispose();
        listener?.Dispose();
        CloseAll();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return; // it is registered under two names
        }

        Abort();
        _tls?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>A link takes no more requests: the next one is sent over another.</summary>
    public void Forget(TcpLink link)
    {
        if (link.IsDialled)
        {
            _silos.TryRemove(new KeyValuePair<SiloAddress, TcpLink>(link.Address, link));
        }
        else if (_clients.TryRemove(new KeyValuePair<SiloAddress, TcpLink>(link.Address, link)))
        {
            // a client that found one silo under two names drops a connection and keeps the other
            foreach (var (other, _) in _links)
            {
                if (!ReferenceEquals(other, link) && other is { IsDialled: false, IsUp: true }
                    && other.Address.Equals(link.Address))
                {
                    _clients.TryAdd(other.Address, other);
                }
            }
        }
    }

    public void Silent(TcpLink link) => LogSilent(logger, link.Address, Options.PeerTimeout);

    private void CloseAll()
    {
        _silos.Clear();
        _clients.Clear();
        foreach (var (link, _) in _links)
        {
            link.Close();
        }
    }

    private void Run(Action run) => new Thread(() =>
    {
        try
        {
            run();
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
        }
    })
    {
        IsBackground = true,
        Name = "vault link",
    }.Start();

    private TcpLink? Dial(SiloAddress to, Handshake handshake)
    {
        if (_refused.TryGetValue(to, out var refused) && Time.GetElapsedTime(refused) < s_redialAfter)
        {
            return null;
        }

        var link = new TcpLink(this, to, dialled: true);
        var there = _silos.GetOrAdd(to, link);
        if (ReferenceEquals(there, link))
        {
            _links[link] = true;
            Run(() => RunDialled(link, to.Endpoint, handshake));
        }

        return there;
    }

    private void RunDialled(TcpLink link, IPEndPoint endpoint, Handshake handshake)
    {
        var expected = link.KnownAddress;
        try
        {
            var wire = Connect(endpoint);
            var peer = Prove(link, wire, w => handshake.Connect(w, expected));
            if (!ReferenceEquals(_handshake, handshake))
            {
                wire.Dispose();
                return; // it was closed here meanwhile
            }

            if (expected is null && !_silos.TryAdd(peer.Address, link))
            {
                wire.Dispose();
                return; // it is connected to already
            }

            _refused.TryRemove(peer.Address, out _);
            link.Establish(wire, peer.Address);
            Instruments.Connected(dialled: true, client: false);
            LogConnected(logger, peer.Address, peer.Version);
            _user!.Connected(link);
            link.Read(_user);
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            Ended(link, endpoint, exception);
        }
        finally
        {
            if (expected is not null && !link.WasEstablished)
            {
                _refused[expected] = Time.GetTimestamp();
            }

            EndLink(link);
        }
    }

    private Socket OpenSocket(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = Time.CreateTimer(
            static s => ((Socket)s!).Dispose(), socket, Options.ConnectTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            socket.Connect(endpoint);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            throw new HandshakeException(HandshakeFailure.Unreachable, exception.Message);
        }
    }

    private Wire Connect(IPEndPoint endpoint)
    {
        var socket = OpenSocket(endpoint);
        return _tls is null ? new PlainWire(socket) : new TlsWire(socket, _tls, connects: true);
    }

    /// <summary>Shakes hands within the time for it.</summary>
    private Peer Prove(TcpLink link, Wire wire, Func<Wire, Peer> shake)
    {
        link.Adopt(wire);
        var late = false;
        using var limit = Time.CreateTimer(
            _ =>
            {
                late = true;
                wire.Interrupt();
            },
            null, Options.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            (wire as TlsWire)?.Authenticate();
            return shake(wire);
        }
        catch (IOException exception) when (late)
        {
            throw new HandshakeException(HandshakeFailure.Timeout, exception.Message);
        }
    }

    private void Accept(Socket socket, Acceptor.Place place)
    {
        if (_handshake is { } handshake)
        {
            Run(() => RunAccepted(socket, place, handshake));
            return;
        }

        place.Dispose();
        socket.Dispose();
    }

    private void RunAccepted(Socket socket, Acceptor.Place place, Handshake handshake)
    {
        var link = new TcpLink(this, null, dialled: false);
        IPEndPoint? endpoint = null;
        _links[link] = true;
        try
        {
            endpoint = (IPEndPoint?)socket.RemoteEndPoint;
            socket.NoDelay = true;
            Wire wire = _tls is null ? new PlainWire(socket) : new TlsWire(socket, _tls, connects: false);
            var peer = Prove(link, wire, w => handshake.Accept(w, () => link.TryProve() && place.Prove()));
            link.Establish(wire, peer.Address);
            if (peer.Address.IsClient)
            {
                _clients[peer.Address] = link;
            }

            Instruments.Connected(dialled: false, peer.Address.IsClient);
            LogAccepted(logger, peer.Address, peer.Version);
            _user!.Connected(link);
            if (!ReferenceEquals(_handshake, handshake))
            {
                link.CloseInOrder();
            }

            link.Read(_user);
            link.AnswerAllAsync().GetAwaiter().GetResult();
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            Ended(link, endpoint, exception);
        }
        finally
        {
            place.Dispose();
            EndLink(link);
            socket.Dispose();
        }
    }

    private static bool IsOfTheConnection(Exception exception) => exception is IOException or SocketException
        or ObjectDisposedException or InvalidDataException or TimeoutException
        or System.Security.Authentication.AuthenticationException;

    private void Ended(TcpLink link, IPEndPoint? endpoint, Exception exception)
    {
        if (!link.WasEstablished)
        {
            Instruments.Refused(exception is HandshakeException handshake ? handshake.Failure
                : exception is System.Security.Authentication.AuthenticationException ? HandshakeFailure.Tls
                : HandshakeFailure.Closed);
        }

        if (_handshake is null)
        {
            return; // it was closed here
        }

        if (link.WasEstablished)
        {
            LogBroken(logger, link.Address, exception.Message);
        }
        else
        {
            LogNotConnected(logger, endpoint, exception.Message);
        }
    }

    private void EndLink(TcpLink link)
    {
        if (link.WasEstablished)
        {
            Instruments.Disconnected(link.IsDialled, link.Address.IsClient);
        }

        Forget(link);
        link.Close();
        _user!.Lost(link);
        _links.TryRemove(link, out _);
        link.End();
    }

    private void Beat()
    {
        var now = Time.GetTimestamp();
        foreach (var (link, _) in _links)
        {
            link.Beat(now);
        }
    }

    [LoggerMessage(
        EventId = 1311, Level = LogLevel.Debug, Message = "Connected to {Peer}, version {Version} of the protocol")]
    private static partial void LogConnected(ILogger logger, SiloAddress peer, int version);

    [LoggerMessage(
        EventId = 1312, Level = LogLevel.Debug, Message = "{Peer} has connected, version {Version} of the protocol")]
    private static partial void LogAccepted(ILogger logger, SiloAddress peer, int version);

    [LoggerMessage(
        EventId = 1313, Level = LogLevel.Information, Message = "The connection with {Peer} broke: {Reason}")]
    private static partial void LogBroken(ILogger logger, SiloAddress peer, string reason);

    [LoggerMessage(EventId = 1314, Level = LogLevel.Information, Message = "No connection with {Endpoint}: {Reason}")]
    private static partial void LogNotConnected(ILogger logger, IPEndPoint? endpoint, string reason);

    [LoggerMessage(
        EventId = 1315, Level = LogLevel.Warning, Message = "Nothing came from {Peer} for {Time}: it is given up")]
    private static partial void LogSilent(ILogger logger, SiloAddress peer, TimeSpan time);

    [LoggerMessage(EventId = 1319, Level = LogLevel.Error, Message = "A connection failed in an unexpected way")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1318, Level = LogLevel.Warning,
        Message = "{Connections} connections were cut: their calls did not end in time")]
    private static partial void LogNotClosed(ILogger logger, int connections);
}
