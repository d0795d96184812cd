namespace Vault.Runtime.Simulation.Scheduling;

/// <summary>
/// Virtual time, and the order in which everything happens: one step at a time, chosen by a seed, so that the same seed
/// gives the same run.
/// </summary>
/// <remarks>
/// A process can be stopped in the middle of a step, as SIGSTOP does: the thread that runs the step keeps its stack and
/// waits, and another thread takes the steps of the others. Only the thread that holds the baton ever runs; the first
/// is the one that made the scheduler, and it must be nobody else's.
/// </remarks>
internal sealed class Scheduler : IDisposable
{
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(60);
    [ThreadStatic]
    private static Fiber? t_fiber;
    private readonly PriorityQueue<Action, (long Time, long Order)> _timed = new();
    private readonly List<SimulatedProcess> _processes = [];
    private readonly Stack<Fiber> _idle = new();
    private readonly List<Thread> _threads = [];
    private readonly Fiber _main = new();
    private Fiber _holder;
    private Func<bool>? _until;
    private long _order;
    private bool _ended;

    public Scheduler(int seed)
    {
        Random = new Random(seed);
        _holder = t_fiber = _main;
    }

    /// <summary>The source of all chance.</summary>
    public Random Random { get; }

    /// <summary>Time since the run began, in ticks of 100 ns.</summary>
    public long Now { get; private set; }

    public TimeSpan Time => new(Now);

    /// <summary>Depends on every step there was.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Steps so far.</summary>
    public long Steps { get; private set; }

    /// <summary>The first exception that a step threw; the run ends with it.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Lines about what happens, when somebody wants them.</summary>
    public Action<string>? Log { get; set; }

    public IReadOnlyList<SimulatedProcess> Processes => _processes;

    public SimulatedProcess AddProcess(string name)
    {
        var process = new SimulatedProcess(this, name, _processes.Count);
        _processes.Add(process);
        return process;
    }

    /// <summary>Does something at a time; whatever is due at one time is done in the order of these calls.</summary>
    public void At(long time, Action action)
    {
        CheckBaton();
        _timed.Enqueue(action, (Math.Max(time, Now), _order++));
    }

    public void After(TimeSpan delay, Action action) => At(Now + delay.Ticks, action);

    /// <summary>Runs until the condition holds, a step fails, or nothing is left to do.</summary>
    public void Run(Func<bool> until)
    {
        _until = until;
        _ended = false;
        Loop(_main);
    }

    /// <summary>A random time between two, mostly nearer to the first.</summary>
    public TimeSpan Between(double fromMilliseconds, double toMilliseconds)
    {
        var share = Random.NextDouble();
        return TimeSpan.FromMilliseconds(fromMilliseconds + ((toMilliseconds - fromMilliseconds) * share * share));
    }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public void Trace(long value) => TraceHash = (TraceHash ^ (ulong)value) * 1099511628211;

    /// <summary>Stops the process that runs this step here, for a while.</summary>
    public void Block(SimulatedProcess process, long ticks)
    {
        CheckBaton();
        var self = t_fiber!;
        process.Parked = self;
        Log?.Invoke($"{Time} {process.Name} stops within a step for {ticks / TimeSpan.TicksPerMillisecond} ms");
        At(Now + ticks, () => Resume(process, self));
        var context = SynchronizationContext.Current;
        HandOver(self, _idle.TryPop(out var idle) ? idle : StartFiber());
        SynchronizationContext.SetSynchronizationContext(context);
        process.Parked = null;
        if (process.IsDead || _ended)
        {
            throw new ProcessDiedException();
        }
    }

    /// <summary>Ends a step that is stopped, because its process has died.</summary>
    public void Unwind(SimulatedProcess process)
    {
        if (process.Parked is { } parked)
        {
            At(Now, () => Resume(process, parked));
        }
    }

    public void Dispose()
    {
        _ended = true;
        foreach (var process in _processes.Where(p => p.Parked is not null))
        {
            process.Parked!.Go.Release();
        }

        foreach (var fiber in _idle)
        {
            fiber.Go.Release();
        }

        foreach (var thread in _threads)
        {
            thread.Join(Stuck);
        }
    }

    /// <summary>Fails when a continuation has come from the thread pool: the run would not be deterministic.</summary>
    public void CheckBaton()
    {
        if (!ReferenceEquals(t_fiber, _holder) && !_ended)
        {
            var failure = new InvalidOperationException(
                "Something ran on a thread of the pool instead of the executor:\n" + Environment.StackTrace);
            Failure ??= failure;
            throw failure;
        }
    }

    private void Loop(Fiber self)
    {
        while (!_ended)
        {
            if (Failure is not null || _until!() || !Advance())
            {
                _ended = true;
            }
        }

        if (self != _main && ReferenceEquals(_holder, self))
        {
            _holder = _main;
            _main.Go.Release();
        }
    }

    /// <summary>Does the next thing; false when there is none.</summary>
    private bool Advance()
    {
        var runnable = 0;
        foreach (var process in _processes)
        {
            runnable += process.CanRun ? 1 : 0;
        }

        if (_timed.TryPeek(out var action, out var due) && (due.Time <= Now || runnable == 0))
        {
            _timed.Dequeue();
            Now = Math.Max(Now, due.Time);
            Trace(due.Order);
            Guard(action);
            return true;
        }

        if (runnable == 0)
        {
            return false;
        }

        var chosen = Random.Next(runnable);
        foreach (var process in _processes)
        {
            if (process.CanRun && chosen-- == 0)
            {
                Now += Random.Next(10, 400);
                Steps++;
                Trace(process.Number);
                Guard(process.Step);
                break;
            }
        }

        return true;
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (ProcessDiedException)
        {
            // its process does nothing any more
        }
        catch (Exception exception)
        {
            Failure ??= exception;
        }
    }

    private void Resume(SimulatedProcess process, Fiber parked)
    {
        if (ReferenceEquals(process.Parked, parked))
        {
            var self = t_fiber!;
            _idle.Push(self);
            HandOver(self, parked);
        }
    }

    private void HandOver(Fiber from, Fiber to)
    {
        _holder = to;
        to.Go.Release();
        from.Go.Wait();
    }

    private Fiber StartFiber()
    {
        var fiber = new Fiber();
        var thread = new Thread(
            () =>
            {
                fiber.Go.Wait();
                t_fiber = fiber;
                Loop(fiber);
            },
            512 << 10) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
        return fiber;
    }

    /// <summary>A stack that a step may be stopped on.</summary>
    internal sealed class Fiber
    {
        public SemaphoreSlim Go { get; } = new(0);
    }
}

/// <summary>Leaves the stack of a step whose process has died.</summary>
internal sealed class ProcessDiedException : Exception;
