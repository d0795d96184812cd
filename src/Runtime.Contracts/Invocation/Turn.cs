namespace Vault.Runtime.Invocation;

/// <summary>
/// Something that runs on an activation: a call, a timer's tick, a step of its life. It is the scheduler of its own
/// continuations, so that code after an <c>await</c> comes back to the activation, and
/// <see cref="TaskScheduler.Current"/> tells which turn runs.
/// </summary>
public abstract class Turn : TaskScheduler
{
    private bool _startsHere;

    internal Turn()
    {
    }

    /// <inheritdoc/>
    public sealed override int MaximumConcurrencyLevel => 1;

    internal static Turn? Running => Current as Turn;

    internal static IGrainContext? CurrentContext => (Current as Turn)?.Host?.Context;

    /// <summary>The activation it runs on.</summary>
    internal ITurnHost? Host { get; set; }

    /// <summary>Neighbours in the one list that it is in: waiting or running.</summary>
    internal Turn? Previous { get; set; }

    /// <summary>Neighbours in the one list that it is in: waiting or running.</summary>
    internal Turn? Next { get; set; }

    /// <summary>The turn that waits for this one; null once this one has ended, so that chains end.</summary>
    internal Turn? Caller { get; set; }

    /// <summary>Its name in chains that reach other processes; 0 while none did.</summary>
    internal long ExportId { get; set; }

    /// <summary>Names of the turns of other processes that wait for this one.</summary>
    internal long[]? ForeignChain { get; set; }

    /// <summary>Calls of the chain above this one.</summary>
    internal int Depth { get; set; }

    /// <summary>Calls that carry the same id may interleave with this one.</summary>
    internal Guid ReentrancyId { get; set; }

    /// <summary>Others don't wait for this one.</summary>
    internal bool Interleaves { get; set; }

    /// <summary>Others like it don't wait for this one.</summary>
    internal bool IsReadOnly { get; set; }

    /// <summary>When it began to wait, on the silo's clock; 0 when it did not wait or nobody measures.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>Whether it has ended; what it left running may still use its activation.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Whether the turn ended before its first <c>await</c>, within <see cref="StartHere"/>.</summary>
    internal bool EndedAtOnce { get; set; }

    /// <summary>The task that starts it; made where the call is made, for its execution context.</summary>
    internal Task? Starter { get; set; }

    internal abstract string Description { get; }

    internal void Prepare() => Starter = new Task(static turn => ((Turn)turn!).Start(), this);

    /// <summary>Starts on this thread, which the activation has been given to.</summary>
    internal void StartHere()
    {
        var starter = Starter!;
        Starter = null;
        _startsHere = true;
        starter.Start(this);
    }

    internal void Execute(Task task) => TryExecuteTask(task);

    /// <summary>The turn's first step.</summary>
    internal abstract void Start();

    /// <summary>What happens once the activation knows that it has ended.</summary>
    internal abstract void Finish();

    /// <inheritdoc/>
    protected sealed override void QueueTask(Task task)
    {
        if (_startsHere)
        {
            _startsHere = false;
            TryExecuteTask(task);
            return;
        }

        Host!.Enqueue(this, task);
    }

    /// <inheritdoc/>
    protected sealed override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current is Turn turn && ReferenceEquals(turn.Host, Host) && TryExecuteTask(task);

    /// <inheritdoc/>
    protected sealed override IEnumerable<Task> GetScheduledTasks() => [];
}

/// <summary>What turns run on.</summary>
internal interface ITurnHost
{
    /// <summary>The grain, or whatever else is called here.</summary>
    GrainId Id { get; }

    /// <summary>The activation; null when it isn't one.</summary>
    IGrainContext? Context { get; }

    /// <summary>Takes a continuation of a turn.</summary>
    void Enqueue(Turn turn, Task task);

    /// <summary>A turn has ended after its first step, on whatever thread.</summary>
    void TurnEnded(Turn turn);
}
