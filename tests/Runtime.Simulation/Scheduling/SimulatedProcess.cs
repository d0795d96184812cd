namespace Vault.Runtime.Simulation.Scheduling;

/// <summary>What one operating system process has: work that is ready, a clock, and an end.</summary>
internal sealed class SimulatedProcess
{
    private readonly List<Work> _ready = [];
    private readonly Scheduler _scheduler;
    private int _pointsLeft;
    private long _stopTicks;

    public SimulatedProcess(Scheduler scheduler, string name, int number)
    {
        (_scheduler, Name, Number) = (scheduler, name, number);
        Clock = new SimulatedClock(scheduler, this);
        Executor = new SimulatedExecutor(this);
    }

    public string Name { get; }

    public int Number { get; }

    public SimulatedClock Clock { get; }

    public SimulatedExecutor Executor { get; }

    public bool IsDead { get; private set; }

    /// <summary>The stack of the step that it is stopped in.</summary>
    public Scheduler.Fiber? Parked { get; set; }

    /// <summary>Whether it is stopped, between steps or within one.</summary>
    public bool IsStopped => Parked is not null || _stoppedUntil > _scheduler.Now;

    public bool CanRun => _ready.Count > 0 && !IsDead && !IsStopped;

    private long _stoppedUntil;

    /// <summary>Runs something as its own soon.</summary>
    public void Post(Action action) => Enqueue(static action => ((Action)action!)(), action);

    public void Enqueue(SendOrPostCallback run, object? state) => Add(new Work(run, state, null));

    public void Enqueue(IThreadPoolWorkItem item) => Add(new Work(null, null, item));

    /// <summary>One of the things that are ready: mostly the oldest, sometimes any.</summary>
    public void Step()
    {
        var index = _scheduler.Chance(0.3) ? _scheduler.Random.Next(_ready.Count) : 0;
        var work = _ready[index];
        _ready.RemoveAt(index);
        PausePoint();
        if (work.Item is { } item)
        {
            SynchronizationContext.SetSynchronizationContext(null);
            item.Execute();
        }
        else
        {
            SynchronizationContext.SetSynchronizationContext(new ProcessContext(this));
            work.Run!(work.State);
        }

        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>
    /// Stops it for a while, as SIGSTOP does: now, or in the middle of what it does when it has passed some more points
    /// (a clock read, a frame or statement sent, a step begun).
    /// </summary>
    public void Stop(TimeSpan duration, int points)
    {
        if (points > 0)
        {
            (_pointsLeft, _stopTicks) = (points, duration.Ticks);
            return;
        }

        _stoppedUntil = Math.Max(_stoppedUntil, _scheduler.Now + duration.Ticks);
        _scheduler.At(_stoppedUntil, static () => { });
    }

    /// <summary>A place where it may be stopped.</summary>
    public void PausePoint()
    {
        if (IsDead)
        {
            throw new ProcessDiedException();
        }

        if (_stopTicks > 0 && --_pointsLeft <= 0)
        {
            var ticks = _stopTicks;
            _stopTicks = 0;
            _scheduler.Block(this, ticks);
        }
    }

    /// <summary>Takes back a stop that has not come yet, and ends one that has.</summary>
    public void Continue()
    {
        _stopTicks = 0;
        _stoppedUntil = 0;
        _scheduler.Unwind(this);
    }

    /// <summary>Ends it, as SIGKILL does.</summary>
    public void Die()
    {
        IsDead = true;
        _ready.Clear();
        _scheduler.Unwind(this);
    }

    private void Add(Work work)
    {
        _scheduler.CheckBaton();
        if (!IsDead)
        {
            _ready.Add(work);
        }
    }

    private readonly record struct Work(SendOrPostCallback? Run, object? State, IThreadPoolWorkItem? Item);
}
