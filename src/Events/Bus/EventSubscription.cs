namespace Vault.Events.Bus;

/// <summary>
/// A bounded queue of wake-ups for one reader. When it is full everything in it is dropped and the reader is told of
/// a gap instead, so that it reads again.
/// </summary>
public sealed class EventSubscription : IDisposable
{
    /// <summary>Wake-ups that may wait, unless told otherwise.</summary>
    public const int DefaultCapacity = 64;

    private readonly EventBus bus;
    private readonly TimeSpan? poll;
    private readonly int capacity;
    private readonly TimeProvider time;
    private readonly EventInstruments instruments;
    private readonly Queue<long> waiting = new();
    private readonly Lock gate = new();
    private TaskCompletionSource? reader;
    private long newest;
    private bool gap;
    private bool closed;

    internal EventSubscription(
        EventBus bus, EventChannel channel, TimeSpan? poll, int capacity, TimeProvider time,
        EventInstruments instruments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (this.bus, Channel, this.poll, this.capacity) = (bus, channel, poll, capacity);
        (this.time, this.instruments) = (time, instruments);
    }

    /// <summary>What it listens to.</summary>
    public EventChannel Channel { get; }

    /// <summary>The next wake-up. One reader at a time.</summary>
    /// <exception cref="OperationCanceledException">Told so.</exception>
    /// <exception cref="ObjectDisposedException">The subscription was disposed.</exception>
    public async ValueTask<WakeUp> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(closed, this);
                if (TryTake(out var next)) return next;
                reader ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                signal = reader.Task;
            }

            if (poll is not { } period)
            {
                await signal.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                await signal.WaitAsync(period, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return new WakeUp(Channel, 0, WakeReason.Poll);
            }
        }
    }

    /// <summary>Takes what waits already, without waiting: a reader of ranges needs only the newest.</summary>
    public bool TryNext(out WakeUp next)
    {
        lock (gate) return TryTake(out next);
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        bus.Remove(this);
        lock (gate)
        {
            closed = true;
            reader?.TrySetResult();
        }
    }

    internal void Add(long number)
    {
        lock (gate)
        {
            newest = number;
            if (gap) return; // the reader will read everything anyway
            if (waiting.Count == capacity)
            {
                instruments.Dropped(waiting.Count + 1);
                instruments.Gap("overflow");
                waiting.Clear();
                gap = true;
            }
            else
            {
                waiting.Enqueue(number);
            }

            Signal();
        }
    }

    internal void ReportGap()
    {
        lock (gate)
        {
            waiting.Clear();
            gap = true;
            newest = 0;
            Signal();
        }
    }

    private bool TryTake(out WakeUp next)
    {
        if (gap)
        {
            gap = false;
            next = new WakeUp(Channel, newest, WakeReason.Gap);
            return true;
        }

        if (waiting.TryDequeue(out var number))
        {
            next = new WakeUp(Channel, number, WakeReason.News);
            return true;
        }

        next = default;
        return false;
    }

    private void Signal()
    {
        reader?.TrySetResult();
        reader = null;
    }
}
