using Vault.Runtime.Ownership;

namespace Vault.Runtime.Sql.Tests.Membership;

/// <summary>The database as a silo sees it that is cut off from it, or paused: its statements wait.</summary>
internal sealed class FaultyStore(IMembershipStore store) : IMembershipStore
{
    private TaskCompletionSource _connected = Opened();
    private TaskCompletionSource _acknowledges = Opened();
    private volatile bool _cutsWhenJoined;
    private volatile bool _garbled;

    public void Cut() => _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cuts as soon as a silo has joined.</summary>
    public void CutWhenJoined() => _cutsWhenJoined = true;

    public void Mend()
    {
        _garbled = false;
        _connected.TrySetResult();
    }

    /// <summary>From now on readings fail as of a row that another release wrote.</summary>
    public void Garble() => _garbled = true;

    public void HoldAcknowledgements() => _acknowledges = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ReleaseAcknowledgements() => _acknowledges.TrySetResult();

    public async Task<StoredCluster> ReadAsync(long knownRevision, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        var cluster = await store.ReadAsync(knownRevision, ct);
        await _connected.Task.WaitAsync(ct);
        return _garbled ? throw new FormatException("This can't be understood.") : cluster;
    }

    public async Task<bool> JoinAsync(ViewStep step, StoredSilo silo, SiloAddress? previous, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        var joined = await store.JoinAsync(step, silo, previous, ct);
        if (joined && _cutsWhenJoined)
        {
            _cutsWhenJoined = false;
            Cut();
        }

        return joined;
    }

    public async Task<long?> RenewAsync(SiloAddress self, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        return await store.RenewAsync(self, ct);
    }

    public async Task<bool> AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct)
    {
        await Task.WhenAll(_connected.Task, _acknowledges.Task).WaitAsync(ct);
        return await store.AcknowledgeAsync(self, view, ct);
    }

    public async Task<bool> LeaveAsync(ViewStep step, SiloAddress self, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        return await store.LeaveAsync(step, self, ct);
    }

    public async Task<bool> RemoveAsync(ViewStep step, IReadOnlyList<Removal> removals, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        return await store.RemoveAsync(step, removals, ct);
    }

    public async Task<int> EndLeaseAsync(string process, CancellationToken ct)
    {
        await _connected.Task.WaitAsync(ct);
        return await store.EndLeaseAsync(process, ct);
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
