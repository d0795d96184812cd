namespace Vault.Grains.Tests.Engine;

/// <summary>A grain with the two kinds of timers that ours have, and calls that take their turn.</summary>
[Alias("test.turns")]
public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Keeps the turn until it is let go; which activation it was.</summary>
    [Alias("hold")]
    Task<Guid> HoldAsync(CancellationToken cancellationToken);

    [Alias("end")]
    Task EndAsync();
}

/// <summary>What a test sees and decides of a <see cref="TurnGrain"/>.</summary>
internal sealed class TurnProbe
{
    private int _inside;
    private int _ticks;

    /// <summary>One for each call that holds the turn.</summary>
    public SemaphoreSlim Held { get; } = new(0);

    /// <summary>One for each call that may go on.</summary>
    public SemaphoreSlim Free { get; } = new(0);

    /// <summary>One for each tick that took its turn.</summary>
    public SemaphoreSlim Ticked { get; } = new(0);

    /// <summary>One for each tick that needs no turn.</summary>
    public SemaphoreSlim Beaten { get; } = new(0);

    /// <summary>Ends ticks that last.</summary>
    public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether ticks without a turn last until <see cref="Told"/>.</summary>
    public bool BeatsLast { get; set; }

    /// <summary>How many activations fail yet.</summary>
    public int Failing { get; set; }

    public int Ticks => Volatile.Read(ref _ticks);

    /// <summary>Whether two were ever inside at once.</summary>
    public bool Overlapped { get; private set; }

    public void Enter() => Overlapped |= Interlocked.Increment(ref _inside) != 1;

    public void Leave() => Interlocked.Decrement(ref _inside);

    public void Tick()
    {
        Interlocked.Increment(ref _ticks);
        Ticked.Release();
    }
}

internal sealed class TurnGrain(TurnProbe probe) : Grain, ITurnGrain
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Guid _activation = Guid.NewGuid();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (probe.Failing-- > 0) throw new InvalidOperationException("not yet");
        this.RegisterGrainTimer(
            TickAsync, new GrainTimerCreationOptions { DueTime = Period, Period = Period, Interleave = false });
        this.RegisterGrainTimer(
            BeatAsync, new GrainTimerCreationOptions { DueTime = Period, Period = Period, Interleave = true });
        return Task.CompletedTask;
    }

    public async Task<Guid> HoldAsync(CancellationToken cancellationToken)
    {
        probe.Enter();
        try
        {
            probe.Held.Release();
            await probe.Free.WaitAsync(cancellationToken);
            return _activation;
        }
        finally
        {
            probe.Leave();
        }
    }

    public Task EndAsync()
    {
        this.DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        probe.Enter();
        await Task.Yield();
        probe.Leave();
        probe.Tick();
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        probe.Beaten.Release();
        if (probe.BeatsLast) await probe.Told.Task.WaitAsync(cancellationToken);
    }
}
