namespace Vault.Runtime.Simulation.Scheduling;

/// <summary>Virtual time as a process sees it. It may be stopped between reading it and what it does then.</summary>
internal sealed class SimulatedClock(Scheduler scheduler, SimulatedProcess process) : TimeProvider
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Begin + scheduler.Time;

    public override long GetTimestamp()
    {
        var now = scheduler.Now;
        if (!process.IsDead)
        {
            process.PausePoint();
        }

        return now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Scheduler scheduler, SimulatedProcess process, TimerCallback callback, object? state)
        : ITimer
    {
        private int _version;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan && !process.IsDead)
            {
                scheduler.After(dueTime, () => Due(version));
            }

            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Due(int version)
        {
            if (version != _version || process.IsDead)
            {
                return;
            }

            process.Post(() =>
            {
                if (version == _version)
                {
                    callback(state);
                }
            });
            if (_period > TimeSpan.Zero)
            {
                scheduler.After(_period, () => Due(version));
            }
        }
    }
}
