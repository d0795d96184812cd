using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>Where a silo serves the calls of one grain: one activation, or several of a stateless worker.</summary>
internal abstract class Destination
{
    /// <summary>Takes a call; false when it is of no use any more and another must be found.</summary>
    public abstract bool Receive(GrainRequest request, bool mayRunHere);

    /// <summary>An activation has ended.</summary>
    public abstract void Remove(GrainActivation activation);

    /// <summary>The activations there are.</summary>
    public abstract IReadOnlyList<GrainActivation> Activations { get; }
}

/// <summary>A grain with one activation in the cluster.</summary>
internal sealed class SingleDestination : Destination
{
    private readonly ActivationTable _table;
    private readonly GrainActivation _activation;
    private int _started;

    public SingleDestination(ActivationTable table, ActivationShared shared, GrainClass grainClass, GrainId id)
    {
        _table = table;
        _activation = new GrainActivation(shared, grainClass, id, this);
    }

    public override IReadOnlyList<GrainActivation> Activations => [_activation];

    public override bool Receive(GrainRequest request, bool mayRunHere)
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.Exchange(ref _started, 1) == 0)
        {
            _activation.Activate();
        }

        return _activation.Receive(request, mayRunHere);
    }

    public override void Remove(GrainActivation activation) => _table.Remove(activation.GrainId, this);
}

/// <summary>A stateless worker: a call goes to an idle activation, else to a new one, else to the least busy.</summary>
internal sealed class WorkerDestination(
    ActivationTable table, ActivationShared shared, GrainClass grainClass, GrainId id) : Destination
{
    private readonly Lock _gate = new();
    private GrainActivation[] _workers = [];
    private bool _gone;

    public override IReadOnlyList<GrainActivation> Activations => _workers;

    public override bool Receive(GrainRequest request, bool mayRunHere)
    {
        while (true)
        {
            var workers = Volatile.Read(ref _workers);
            GrainActivation? chosen = null;
            foreach (var worker in workers)
            {
                if (worker.IsIdle)
                {
                    chosen = worker;
                    break;
                }
            }

            if (chosen is null)
            {
                chosen = workers.Length < grainClass.MaxLocalWorkers ? Add() : LeastBusy(workers);
                if (chosen is null)
                {
                    return false;
                }
            }

            if (chosen.Receive(request, mayRunHere))
            {
                return true;
            }
        }
    }

    public override void Remove(GrainActivation activation)
    {
        bool empty;
        lock (_gate)
        {
            _workers = [.. _workers.Where(w => !ReferenceEquals(w, activation))];
            empty = _gone = _workers.Length == 0;
        }

        if (empty)
        {
            table.Remove(id, this);
        }
    }

    private static GrainActivation LeastBusy(GrainActivation[] workers)
    {
        var chosen = workers[0];
        foreach (var worker in workers)
        {
            chosen = worker.Load < chosen.Load ? worker : chosen;
        }

        return chosen;
    }

    private GrainActivation? Add()
    {
        lock (_gate)
        {
            if (_gone)
            {
                return null;
            }

            if (_workers.Length >= grainClass.MaxLocalWorkers)
            {
                return LeastBusy(_workers);
            }

            var worker = new GrainActivation(shared, grainClass, id, this);
            worker.Activate();
            Volatile.Write(ref _workers, [.. _workers, worker]);
            return worker;
        }
    }
}
