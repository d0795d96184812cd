using Microsoft.Extensions.Logging;
using Vault.Runtime.Activation;

namespace Vault.Runtime.Ownership;

/// <summary>
/// Reads the membership tables every so often and whenever woken, and removes the silos whose leases have ended.
/// </summary>
internal sealed partial class MembershipReader(
    IMembershipStore store,
    MembershipOptions options,
    TimeProvider time,
    Executor executor,
    Random random,
    IMembershipWakeups? wakeups,
    Func<SiloAddress?> self,
    Action<StoredCluster, ClusterSnapshot?, bool, long> took,
    MembershipInstruments instruments,
    ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_hurry = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly StoredViews _views = new();
    private readonly LeaseWatch _watch = new(options, time);
    private readonly CancellationTokenSource _stopping = new();
    private List<TaskCompletionSource> _waiting = [];
    private TaskCompletionSource _woken = executor.CreateSource();
    private StoredCluster? _latest;
    private IDisposable? _subscription;
    private Task? _reading;
    private long? _hurriedAt;
    private bool _announces;
    private bool _changing;
    private bool _failing;

    public void Start()
    {
        lock (_gate)
        {
            if (_reading is null)
            {
                _subscription = wakeups?.Subscribe(Wake);
                _reading = executor.Run(() => ReadAsync(_stopping.Token));
            }
        }
    }

    public async Task StopAsync()
    {
        await executor.CancelAsync(_stopping);
        _subscription?.Dispose();
        if (_reading is { } reading)
        {
            await Executor.EndOfAsync(reading);
        }

        foreach (var waiter in TakeWaiting())
        {
            waiter.TrySetCanceled();
        }
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>The next reading that begins after this call and succeeds.</summary>
    public async Task<StoredCluster> NextAsync(CancellationToken ct)
    {
        var waiter = executor.CreateSource();
        lock (_gate)
        {
            _waiting.Add(waiter);
        }

        Start();
        Wake();
        await waiter.Task.WaitAsync(ct);
        return _latest!;
    }

    public void Wake()
    {
        lock (_gate)
        {
            _woken.TrySetResult();
        }
    }

    /// <summary>This silo has changed something: reads it, and wakes the others for it.</summary>
    public void Announce()
    {
        _announces = true;
        Wake();
    }

    /// <summary>Reads faster for a while.</summary>
    public void Hurry()
    {
        if (_hurriedAt is { } since && time.GetElapsedTime(since) < options.PollEvery / 5)
        {
            return; // it reads as fast as it may
        }

        _hurriedAt = time.GetTimestamp();
        Wake();
    }

    public TimeSpan UntilNextView() => _watch.UntilNextView();

    public ViewStep NextView(StoredCluster cluster) => _views.Next(cluster, random);

    private async Task ReadAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            TaskCompletionSource woken;
            lock (_gate)
            {
                if (_woken.Task.IsCompleted)
                {
                    _woken = executor.CreateSource();
                }

                woken = _woken;
            }

            var pause = await ReadOnceAsync(ct);
            var hurried = _changing || (_hurriedAt is { } since && time.GetElapsedTime(since) < s_hurry);
            if (hurried && pause > options.PollEvery / 5)
            {
                pause = options.PollEvery / 5;
            }

            using var timer = time.CreateTimer(
                static woken => ((TaskCompletionSource)woken!).TrySetResult(), woken, pause, Timeout.InfiniteTimeSpan);
            await woken.Task.WaitAsync(ct);
        }
    }

    /// <summary>Reads, acts on it, and says when to read again.</summary>
    private async Task<TimeSpan> ReadOnceAsync(CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(options.Lease / 3, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        var waiting = TakeWaiting();
        var announces = Interlocked.Exchange(ref _announces, false);
        try
        {
            var sentAt = time.GetTimestamp();
            var cluster = await store.ReadAsync(_views.KnownRevision, limit.Token);
            Answered();
            var contradicts = _views.Contradicts(cluster);
            if (contradicts)
            {
                _watch.Missed();
                LogWentBack(logger, cluster.Current.Number, _views.HighestView);
            }

            var snapshot = _views.Take(cluster);
            _watch.Took(cluster, sentAt);
            took(cluster, snapshot, contradicts, sentAt);
            if (snapshot is null)
            {
                return TimeSpan.Zero;
            }

            if (announces)
            {
                wakeups?.Send(cluster.Revision);
            }

            _latest = cluster;
            _changing = snapshot.Acknowledged.Values.Any(v => v < snapshot.Current.Number);
            foreach (var waiter in waiting)
            {
                waiter.TrySetResult();
            }

            waiting = [];
            return await RemoveAsync(cluster, limit.Token);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // whatever it is, such as a row that can't be understood: the next reading may succeed
            _watch.Missed();
            Failed(exception);
            return options.PollEvery;
        }
        finally
        {
            lock (_gate)
            {
                _waiting.AddRange(waiting);
            }
        }
    }

    private async Task<TimeSpan> RemoveAsync(StoredCluster cluster, CancellationToken ct)
    {
        var due = _watch.Due(cluster, self());
        if (due.Count == 0 || _watch.UntilNextView() > TimeSpan.Zero)
        {
            return _watch.UntilNextReading(removalWaits: due.Count > 0);
        }

        if (!await store.RemoveAsync(_views.Next(cluster, random), due, ct))
        {
            return options.PollEvery / 5;
        }

        foreach (var removal in due)
        {
            instruments.Removed(removal.Condition);
            LogRemoved(logger, removal.Silo, removal.Condition);
        }

        Announce();
        return TimeSpan.Zero;
    }

    private List<TaskCompletionSource> TakeWaiting()
    {
        lock (_gate)
        {
            var waiting = _waiting;
            _waiting = [];
            return waiting;
        }
    }

    private void Failed(Exception exception)
    {
        if (!_failing)
        {
            _failing = true;
            LogUnavailable(logger, exception);
        }
    }

    private void Answered()
    {
        if (_failing)
        {
            _failing = false;
            LogAvailable(logger);
        }
    }

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "The membership tables can't be read")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Information, Message = "The membership tables can be read again")]
    private static partial void LogAvailable(ILogger logger);

    [LoggerMessage(
        EventId = 1015, Level = LogLevel.Critical,
        Message = "The database has lost membership that was read of it: it is at view {View}, and {Seen} was there")]
    private static partial void LogWentBack(ILogger logger, long view, long seen);

    [LoggerMessage(
        EventId = 1016, Level = LogLevel.Warning, Message = "{Silo} was removed from the cluster: {Condition}")]
    private static partial void LogRemoved(ILogger logger, SiloAddress silo, RemovalCondition condition);
}
