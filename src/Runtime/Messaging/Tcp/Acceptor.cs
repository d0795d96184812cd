using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>Takes connections, within the limits on how many there may be and how many of them unproven.</summary>
internal sealed partial class Acceptor(TransportOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_pauseAfterError = TimeSpan.FromMilliseconds(100);
    private int _taken;
    private int _unproven;

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
        var (taken, unproven) = (Volatile.Read(ref _taken), Volatile.Read(ref _unproven));
        if (taken >= options.MaxConnections || unproven >= options.MaxHandshakes)
        {
            LogTooMany(logger, taken, unproven);
            accepted.Dispose();
            return;
        }

        take(accepted, new Place(this));
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
        private bool _proven;

        public Place(Acceptor acceptor)
        {
            _acceptor = acceptor;
            Interlocked.Increment(ref acceptor._taken);
            Interlocked.Increment(ref acceptor._unproven);
        }

        /// <summary>The other side has proven itself.</summary>
        public void Prove()
        {
            _proven = true;
            Interlocked.Decrement(ref _acceptor._unproven);
        }

        public void Dispose()
        {
            Interlocked.Decrement(ref _acceptor._taken);
            if (!_proven)
            {
                Interlocked.Decrement(ref _acceptor._unproven);
            }
        }
    }
}
