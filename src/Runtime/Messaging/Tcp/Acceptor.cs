using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>Takes connections, within the limits on how many there may be and how many of them unproven.</summary>
internal sealed partial class Acceptor(TransportOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_pauseAfterError = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly LinkedList<Place> _unproven = [];
    private int _taken;

    private long Now => time.GetTimestamp();

    /// <summary>Hands connections on, each with its place, until stopped.</summary>
    public async Task RunAsync(Socket listener, Action<Socket, Place> take, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                Take(await listener.AcceptAsync(ct), take);
            }
            catch (SocketException exception)
            {
                LogNotAccepted(logger, exception.SocketErrorCode);
                await Task.Delay(s_pauseAfterError, time, ct); // without sockets left, others must end first
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Take(Socket accepted, Action<Socket, Place> take)
    {
        Place? place = null;
        int taken, unproven;
        lock (_gate)
        {
            (taken, unproven) = (_taken, _unproven.Count);
            if (taken < options.MaxConnections && (unproven < options.MaxHandshakes || EndsOldest()))
            {
                place = new Place(this, accepted);
            }
        }

        if (place is null)
        {
            LogTooMany(logger, taken, unproven);
            accepted.Dispose();
            return;
        }

        take(accepted, place);
    }

    /// <summary>Whoever has long said nothing gives way to who may have something to say.</summary>
    private bool EndsOldest()
    {
        var oldest = _unproven.First!.Value;
        if (time.GetElapsedTime(oldest.Since) < options.HandshakeTimeout / 10)
        {
            return false;
        }

        _unproven.RemoveFirst();
        oldest.End();
        return true;
    }

    [LoggerMessage(EventId = 1316, Level = LogLevel.Warning, Message = "A connection could not be taken: {Error}")]
    private static partial void LogNotAccepted(ILogger logger, SocketError error);

    [LoggerMessage(
        EventId = 1317, Level = LogLevel.Warning,
        Message = "A connection was turned away: {Accepted} are open, {Unproven} of them unproven")]
    private static partial void LogTooMany(ILogger logger, int accepted, int unproven);

    /// <summary>One of the connections that there may be.</summary>
    internal sealed class Place : IDisposable
    {
        private readonly Acceptor _acceptor;
        private readonly Socket _socket;

        /// <summary>The acceptor's lock is held.</summary>
        public Place(Acceptor acceptor, Socket socket)
        {
            (_acceptor, _socket, Since) = (acceptor, socket, acceptor.Now);
            acceptor._taken++;
            acceptor._unproven.AddLast(this);
        }

        /// <summary>When it was taken.</summary>
        public long Since { get; }

        /// <summary>The other side has proven itself; false when that came too late.</summary>
        public bool Prove()
        {
            lock (_acceptor._gate)
            {
                return _acceptor._unproven.Remove(this);
            }
        }

        /// <summary>Wakes whoever reads there: the connection has ended.</summary>
        public void End()
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // it has ended already
            }
        }

        public void Dispose()
        {
            lock (_acceptor._gate)
            {
                _acceptor._unproven.Remove(this);
                _acceptor._taken--;
            }
        }
    }
}
