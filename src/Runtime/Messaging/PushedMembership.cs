using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Messaging;

/// <summary>
/// What a client knows of the cluster: the newest of the views that the silos it is connected to have told last. While
/// it is connected to none, the last one stands.
/// </summary>
internal sealed class PushedMembership : IMembership
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Link, ClusterView> _told = [];
    private readonly ViewHolder _published = new(Executor.Pool);

    /// <summary>A client has no lease to lose.</summary>
    event Action<string>? IMembership.Lost
    {
        add { }
        remove { }
    }

    public void Told(Link by, ClusterView view)
    {
        lock (_gate)
        {
            _told[by] = view;
            Publish();
        }
    }

    public void Lost(Link link)
    {
        lock (_gate)
        {
            _told.Remove(link);
            Publish();
        }
    }

    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var seen = 0L;
        while (true)
        {
            var snapshot = await _published.WaitAsync(s => s.Revision > seen, ct);
            seen = snapshot.Revision;
            yield return snapshot;
        }
    }

    public Task JoinAsync(Member self, CancellationToken ct) => throw NotOfClients();

    public Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct) => throw NotOfClients();

    public Task LeaveAsync(SiloAddress self, CancellationToken ct) => throw NotOfClients();

    public Task RemoveAsync(SiloAddress member, CancellationToken ct) => throw NotOfClients();

    public Task WaitUntilReachableAsync(CancellationToken ct) => Task.CompletedTask;

    public void Suspect()
    {
    }

    public Task StopAsync() => Task.CompletedTask;

    private static NotSupportedException NotOfClients() => new("A client is no member of the cluster.");

    private void Publish()
    {
        if (_told.Count == 0)
        {
            return;
        }

        var newest = _told.Values.MaxBy(static v => v.Number)!;
        if (newest.Number != _published.Current.Number)
        {
            _published.Update(new ClusterSnapshot(
                _published.Snapshot.Revision + 1, [newest], ImmutableDictionary<SiloAddress, long>.Empty));
        }
    }
}
