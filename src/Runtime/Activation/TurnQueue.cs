using System.Runtime.CompilerServices;
using Vault.Runtime.Exceptions;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>
/// Runs turns one step at a time. A turn is <em>admitted</em> when it may start, and stays admitted until it has ended;
/// in between, steps of several admitted turns may alternate at their awaits. The queue is <em>taken</em> while a
/// thread runs steps or is on its way to do so.
/// </summary>
/// <remarks>
/// A call to an idle queue takes it and runs its first step on the caller's thread; everything else runs on the
/// executor. All fields are guarded by the one lock, which is never held while a step runs.
/// </remarks>
internal abstract class TurnQueue(Executor executor) : ITurnHost, IThreadPoolWorkItem
{
    /// <summary>How many calls deep a chain may run on one stack.</summary>
    private const int MaxInlineDepth = 24;

    /// <summary>How many steps a thread runs before it lets other work on the pool have it.</summary>
    private const int StepsPerVisit = 64;

    private readonly Queue<Step> _ready = new(0);
    private TurnList _waiting;
    private TurnList _running;
    private int _blocking;
    private int _blockingWriters;
    private bool _taken;
    private bool _open;
    private bool _closed;

    public abstract GrainId Id { get; }

    public abstract IGrainContext? Context { get; }

    /// <summary>Set by every turn; the collector clears it to learn whether the activation is idle.</summary>
    public bool Touched { get; set; } = true;

    /// <summary>Guards the queue's state, and what derived classes couple to it.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Whether all calls may interleave.</summary>
    protected bool Reentrant { get; init; }

    /// <summary>Whether nothing runs or waits.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
            {
                return _running.Count == 0 && _waiting.Count == 0 && !_taken;
            }
        }
    }

    /// <summary>Whether a call runs or waits; ticks of timers don't count.</summary>
    public bool HasCalls
    {
        get
        {
            lock (Gate)
            {
                for (var turn = _running.First; turn is not null; turn = turn.Next)
                {
                    if (turn is GrainRequest)
                    {
                        return true;
                    }
                }

                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Turns that run or wait.</summary>
    public int Load => _running.Count + _waiting.Count;

    /// <summary>Takes a turn; false when the queue is closed and took nothing.</summary>
    public bool Receive(Turn turn, bool mayRunHere)
    {
        var here = false;
        Exception? refusal = null;
        lock (Gate)
        {
            if (_closed)
            {
                return false;
            }

            turn.Host = this;
            var takes = _open || (WaitsForItsCalls && (IsOfAdmittedChain(turn) || FindCycle(turn) is not null));
            if (takes && MayAdmit(turn))
            {
                Admit(turn);
                here = mayRunHere && !_taken && turn.Depth < MaxInlineDepth;
                if (!here)
                {
                    _ready.Enqueue(new Step(turn, null));
                    if (_taken)
                    {
                        return true;
                    }
                }

                _taken = true;
            }
            else if (takes && FindCycle(turn) is { } cycle)
            {
                refusal = cycle;
            }
            else
            {
                turn.QueuedAt = Timestamp();
                _waiting.Add(turn);
                return true;
            }
        }

        if (refusal is not null)
        {
            Refuse(turn, refusal);
        }
        else if (here && RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            RunHere(turn);
        }
        else
        {
            if (here)
            {
                lock (Gate)
                {
                    _ready.Enqueue(new Step(turn, null));
                }
            }

            executor.Queue(this, preferLocal: true);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Enqueue(Turn turn, Task task)
    {
        lock (Gate)
        {
            _ready.Enqueue(new Step(turn, task));
            if (_taken)
            {
                return;
            }

            _taken = true;
        }

        executor.Queue(this, preferLocal: true);
    }

    /// <inheritdoc/>
    public void TurnEnded(Turn turn)
    {
        OnEnded(turn);
        bool visit;
        lock (Gate)
        {
            Retire(turn);
            visit = !_taken && _ready.Count > 0;
            _taken |= visit;
        }

        if (visit)
        {
            executor.Queue(this, preferLocal: true);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        for (var steps = 0; ; steps++)
        {
            Step step;
            lock (Gate)
            {
                if (_ready.Count == 0)
                {
                    _taken = false;
                    return;
                }

                if (steps == StepsPerVisit)
                {
                    break;
                }

                step = _ready.Dequeue();
            }

            Run(step);
        }

        executor.Queue(this, preferLocal: false);
    }

    /// <summary>Lets calls in; those that waited start.</summary>
    protected void Open()
    {
        bool visit;
        lock (Gate)
        {
            _open = true;
            AdmitWaiting();
            visit = !_taken && _ready.Count > 0;
            _taken |= visit;
        }

        if (visit)
        {
            executor.Queue(this, preferLocal: true);
        }
    }

    /// <summary>
    /// Makes calls wait from now on; <see cref="OnQuiet"/> follows when no turn runs. The lock must be held.
    /// </summary>
    protected void Shut()
    {
        _open = false;
        if (_running.Count == 0)
        {
            OnQuiet();
        }
    }

    /// <summary>Runs a turn of the activation's own, whatever else is admitted. The lock must be held.</summary>
    protected void AdmitOwn(Turn turn)
    {
        turn.Host = this;
        _running.Add(turn);
        _ready.Enqueue(new Step(turn, null));
        if (!_taken)
        {
            _taken = true;
            executor.Queue(this, preferLocal: false);
        }
    }

    /// <summary>Takes no more turns; returns those that waited.</summary>
    protected List<Turn> Close() => TakeAll(ref _waiting, closes: true);

    /// <summary>The turns that have started and not ended.</summary>
    protected List<Turn> Started()
    {
        lock (Gate)
        {
            var turns = new List<Turn>(_running.Count);
            for (var turn = _running.First; turn is not null; turn = turn.Next)
            {
                turns.Add(turn);
            }

            return turns;
        }
    }

    /// <summary>
    /// Whether it is shut until the calls that run have ended, with what they call. The lock is held.
    /// </summary>
    protected virtual bool WaitsForItsCalls => false;

    /// <summary>Whether a call may interleave although its attributes don't say so.</summary>
    protected virtual bool MayInterleave(Turn turn) => false;

    /// <summary>Now, for measuring how long turns wait; 0 when nobody measures.</summary>
    protected virtual long Timestamp() => 0;

    /// <summary>A turn is about to start.</summary>
    protected abstract void OnAdmitted(Turn turn);

    /// <summary>A turn has ended; its outcome has not been given to anyone yet.</summary>
    protected abstract void OnEnded(Turn turn);

    /// <summary>The queue is shut and nothing runs. The lock is held.</summary>
    protected abstract void OnQuiet();

    private static void Refuse(Turn turn, Exception refusal)
    {
        turn.HasEnded = true;
        if (turn is GrainRequest request)
        {
            request.Spoil(refusal);
            request.Finish();
        }
    }

    private void RunHere(Turn turn)
    {
        var before = SynchronizationContext.Current;
        if (before is not null)
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        turn.StartHere();
        if (before is not null)
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        var ended = turn.EndedAtOnce;
        if (ended)
        {
            OnEnded(turn);
        }

        bool visit;
        lock (Gate)
        {
            if (ended)
            {
                Retire(turn);
            }

            visit = _taken = _ready.Count > 0;
        }

        if (visit)
        {
            executor.Queue(this, preferLocal: true);
        }

        if (ended)
        {
            turn.Finish();
        }
    }

    private void Run(Step step)
    {
        if (step.Task is not null)
        {
            step.Turn.Execute(step.Task);
            return;
        }

        if (step.Turn is GrainRequest request
            && (request.IsDecided || request.CancellationToken.IsCancellationRequested))
        {
            // nobody waits for it any more
            request.Starter = null;
            TurnEnded(request);
            Refuse(request, new OperationCanceledException(request.CancellationToken));
            return;
        }

        step.Turn.StartHere();
        if (step.Turn.EndedAtOnce)
        {
            TurnEnded(step.Turn);
            step.Turn.Finish();
        }
    }

    private bool MayAdmit(Turn turn) =>
        _blocking == 0
        || Reentrant
        || turn.Interleaves
        || (turn.IsReadOnly && _blockingWriters == 0)
        || IsOfAdmittedChain(turn)
        || MayInterleave(turn);

    private bool IsOfAdmittedChain(Turn turn)
    {
        if (turn.ReentrancyId != Guid.Empty)
        {
            for (var other = _running.First; other is not null; other = other.Next)
            {
                if (other.ReentrancyId == turn.ReentrancyId)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Admit(Turn turn)
    {
        _running.Add(turn);
        if (!turn.Interleaves)
        {
            _blocking++;
            _blockingWriters += turn.IsReadOnly ? 0 : 1;
        }

        OnAdmitted(turn);
    }

    private void Retire(Turn turn)
    {
        turn.HasEnded = true;
        _running.Remove(turn);
        if (turn is not LifecycleTurn && !turn.Interleaves)
        {
            _blocking--;
            _blockingWriters -= turn.IsReadOnly ? 0 : 1;
        }

        if (_open)
        {
            AdmitWaiting();
        }
        else if (_running.Count == 0)
        {
            OnQuiet();
        }
    }

    private void AdmitWaiting()
    {
        while (_waiting.First is { } turn && MayAdmit(turn))
        {
            _waiting.Remove(turn);
            Admit(turn);
            _ready.Enqueue(new Step(turn, null));
        }

        if (_blockingWriters == 0)
        {
            Turn? next;
            for (var turn = _waiting.First; turn is not null; turn = next)
            {
                next = turn.Next;
                if (turn.IsReadOnly)
                {
                    _waiting.Remove(turn);
                    Admit(turn);
                    _ready.Enqueue(new Step(turn, null));
                }
            }
        }
    }

    private CallCycleException? FindCycle(Turn turn)
    {
        for (var link = turn; link is not null; link = link.Caller)
        {
            if (!ReferenceEquals(link, turn) && ReferenceEquals(link.Host, this) && !link.HasEnded)
            {
                return CallCycle.Describe(turn, link);
            }

            for (var other = link.ForeignChain is null ? null : _running.First; other is not null; other = other.Next)
            {
                if (other.ExportId != 0 && link.ForeignChain!.Contains(other.ExportId))
                {
                    return CallCycle.Describe(turn, other);
                }
            }
        }

        return null;
    }

    private List<Turn> TakeAll(ref TurnList list, bool closes)
    {
        lock (Gate)
        {
            _closed |= closes;
            var turns = new List<Turn>(list.Count);
            while (list.First is { } turn)
            {
                list.Remove(turn);
                turns.Add(turn);
            }

            return turns;
        }
    }

    private readonly record struct Step(Turn Turn, Task? Task);
}
