using Vault.Runtime.Activation;

namespace Vault.Runtime.Ownership;

/// <summary>The newest view that this process knows.</summary>
internal sealed class ViewHolder(Executor executor)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = executor.CreateSource();
    private volatile ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    public ClusterSnapshot Snapshot => _snapshot;

    public ClusterView Current => _snapshot.Current;

    /// <summary>Takes a snapshot unless a newer one is there; whether it did.</summary>
    public bool Update(ClusterSnapshot snapshot)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (snapshot.Revision <= _snapshot.Revision)
            {
                return false;
            }

            _snapshot = snapshot;
            changed = _changed;
            _changed = executor.CreateSource();
        }

        changed.SetResult();
        return true;
    }

    /// <summary>Waits for a snapshot of which the condition holds.</summary>
    public async Task<ClusterSnapshot> WaitAsync(Func<ClusterSnapshot, bool> condition, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            ClusterSnapshot snapshot;
            lock (_gate)
            {
                (changed, snapshot) = (_changed.Task, _snapshot);
            }

            if (condition(snapshot))
            {
                return snapshot;
            }

            await changed.WaitAsync(ct);
        }
    }
}
