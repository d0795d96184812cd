using Microsoft.Extensions.Logging;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>A timer whose ticks are turns of an activation; the next tick is timed from the end of the last.</summary>
internal sealed partial class GrainTimer<TState> : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly GrainActivation _activation;
    private readonly Func<TState, CancellationToken, Task> _callback;
    private readonly TState _state;
    private readonly GrainTimerCreationOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private TimeSpan _period;
    private TimeSpan? _changedDueTime;
    private bool _ticking;
    private bool _disposed;

    public GrainTimer(
        GrainActivation activation,
        Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options,
        TimeProvider time,
        ILogger logger)
    {
        (_activation, _callback, _state, _options, _logger) = (activation, callback, state, options, logger);
        Check(options.DueTime, options.Period);
        _period = options.Period;
        using var suppressed = ExecutionContext.IsFlowSuppressed()
            ? default(AsyncFlowControl?)
            : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(
            static timer => ((GrainTimer<TState>)timer!).Due(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        activation.AddTimer(this);
        _timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _period = period;
            if (_ticking)
            {
                _changedDueTime = dueTime;
            }
            else
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _timer.Dispose();
        _activation.RemoveTimer(this);
        _activation.Cancel(_ended);
    }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        }

        if (period != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        }
    }

    private void Due()
    {
        lock (_gate)
        {
            if (_disposed || _ticking)
            {
                return;
            }

            _ticking = true;
        }

        var tick = new Tick(this);
        tick.Prepare();
        _activation.Receive(tick, mayRunHere: false);
    }

    private async Task RunAsync()
    {
        try
        {
            if (!_disposed)
            {
                if (_options.KeepAlive)
                {
                    _activation.Touched = true;
                }

                await _callback(_state, _ended.Token);
            }
        }
        catch (Exception exception)
        {
            if (!(_disposed && exception is OperationCanceledException))
            {
                LogTickFailed(_logger, exception, _activation.GrainId);
            }
        }
    }

    private void Ended()
    {
        lock (_gate)
        {
            _ticking = false;
            if (!_disposed)
            {
                _timer.Change(
                    _changedDueTime ?? (_period == TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : _period),
                    Timeout.InfiniteTimeSpan);
                _changedDueTime = null;
            }
        }
    }

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "A timer of {Grain} failed; it ticks on")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, GrainId grain);

    private sealed class Tick : Turn
    {
        private readonly GrainTimer<TState> _timer;

        public Tick(GrainTimer<TState> timer)
        {
            _timer = timer;
            Interleaves = timer._options.Interleave;
        }

        internal override string Description => "timer of " + _timer._activation.GrainId;

        internal override void Start()
        {
            var task = _timer.RunAsync();
            if (task.IsCompleted)
            {
                _timer.Ended();
                EndedAtOnce = true;
                return;
            }

            task.ContinueWith(
                static (_, tick) => ((Tick)tick!).CompletedLater(),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        internal override void Finish()
        {
        }

        private void CompletedLater()
        {
            _timer.Ended();
            Host!.TurnEnded(this);
        }
    }
}
