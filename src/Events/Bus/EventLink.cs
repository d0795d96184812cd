using Microsoft.Extensions.Logging;

namespace Vault.Events.Bus;

/// <summary>
/// One transport at work: sends the newest number of each channel, at most <see cref="PerSecond"/> times a second,
/// and listens, again and again.
/// </summary>
internal sealed partial class EventLink(
    IEventTransport transport, EventBus bus, EventInstruments instruments, TimeProvider time,
    ILogger<EventLink> logger) : IAsyncDisposable
{
    public const int PerSecond = 20;

    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1) / PerSecond;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly long[] pending = new long[EventChannels.All.Count];
    private readonly long[] sentAt = new long[EventChannels.All.Count];
    private readonly List<WakeUp> batch = new(EventChannels.All.Count);
    private readonly SemaphoreSlim posted = new(0, 1);
    private bool down;

    /// <summary>Leaves a number to be sent; one that waits already is replaced by a higher one.</summary>
    public void Post(EventChannel channel, long number)
    {
        lock (gate)
        {
            ref var waiting = ref pending[(int)channel];
            if (waiting > 0) instruments.Coalesced(transport.Name);
            waiting = Math.Max(waiting, number);
            if (posted.CurrentCount == 0) posted.Release();
        }
    }

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(SendAsync(cancellationToken), ListenAsync(cancellationToken));

    public ValueTask DisposeAsync()
    {
        posted.Dispose();
        return transport.DisposeAsync();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var wait = TakeDue();
                if (batch.Count > 0)
                {
                    await transport.SendAsync(batch, cancellationToken);
                    instruments.Sent(transport.Name, batch.Count);
                }
                else if (wait is { } until)
                {
                    await Task.Delay(until, time, cancellationToken);
                }
                else
                {
                    await posted.WaitAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // a wake-up that cannot be sent is made good by polling
            catch (Exception e)
#pragma warning restore CA1031
            {
                instruments.SendFailed(transport.Name);
                LogNotSent(transport.Name, e.Message);
            }
        }
    }

    /// <summary>Fills the batch with what may go now; else the time until something may, null when nothing waits.
    /// </summary>
    private TimeSpan? TakeDue()
    {
        batch.Clear();
        TimeSpan? wait = null;
        lock (gate)
        {
            var now = time.GetTimestamp();
            for (var i = 0; i < pending.Length; i++)
            {
                if (pending[i] == 0) continue;
                var left = sentAt[i] == 0 ? TimeSpan.Zero : Spacing - time.GetElapsedTime(sentAt[i], now);
                if (left > TimeSpan.Zero)
                {
                    wait = wait is { } other && other < left ? other : left;
                    continue;
                }

                batch.Add(new WakeUp((EventChannel)i, pending[i], WakeReason.News));
                pending[i] = 0;
                sentAt[i] = now;
            }
        }

        return wait;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var retry = FirstRetry;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await transport.ListenAsync(
                    () =>
                    {
                        retry = FirstRetry;
                        Listening(true);
                        bus.ReportGap();
                    },
                    (channel, number) =>
                    {
                        instruments.Received(transport.Name);
                        bus.Wake(channel, number);
                    },
                    cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // whatever ended it, it is tried again
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!down) LogNotListening(transport.Name, e.Message);
                Listening(false);
            }

            try
            {
                await Task.Delay(retry, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
        }
    }

    private void Listening(bool now)
    {
        if (now && down) LogListening(transport.Name);
        down = !now;
        instruments.Listening(transport.Name, now);
    }

    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning,
        Message = "Wake-ups over {Transport} are not heard; polling goes on: {Problem}")]
    private partial void LogNotListening(string transport, string problem);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Information, Message = "Wake-ups over {Transport} are heard again")]
    private partial void LogListening(string transport);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Debug,
        Message = "A wake-up was not sent over {Transport}: {Problem}")]
    private partial void LogNotSent(string transport, string problem);
}
