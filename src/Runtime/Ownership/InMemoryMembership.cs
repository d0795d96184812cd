using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Vault.Runtime.Activation;

namespace Vault.Runtime.Ownership;

/// <summary>Membership of silos that live in one process.</summary>
internal sealed class InMemoryMembership : IMembership
{
    private readonly Lock _gate = new();
    private readonly ViewHolder _published = new(Executor.Pool);

    /// <summary>Never happens: what is in memory is not lost while the process lives.</summary>
    public event Action<string>? Lost
    {
        add { }
        remove { }
    }

    public ClusterSnapshot Current => _published.Snapshot;

    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var seen = -1L;
        while (true)
        {
            var snapshot = await _published.WaitAsync(s => s.Revision > seen, ct);
            seen = snapshot.Revision;
            yield return snapshot;
        }
    }

    public Task WaitUntilReachableAsync(CancellationToken ct) => Task.CompletedTask;

    public Task JoinAsync(Member self, CancellationToken ct)
    {
        lock (_gate)
        {
            var view = _published.Current;
            var next = new ClusterView(view.Number + 1, view.Owners.Add(self), view.Leavers, view.Retired);
            Publish(next, _published.Snapshot.Acknowledged.SetItem(self.Address, next.Number));
        }

        return Task.CompletedTask;
    }

    public Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct)
    {
        lock (_gate)
        {
            var current = _published.Current;
            var acknowledged = _published.Snapshot.Acknowledged;
            if (!acknowledged.TryGetValue(self, out var before) || before >= view)
            {
                return Task.CompletedTask;
            }

            acknowledged = acknowledged.SetItem(self, view);
            if (current.Leavers.FirstOrDefault(m => m.Address.Equals(self)) is { } leaver && view >= current.Number)
            {
                var retired = current.Retired.Length < ClusterView.MaxRetired
                    ? current.Retired
                    : current.Retired.RemoveAt(0);
                current = new ClusterView(
                    current.Number + 1, current.Owners, current.Leavers.Remove(leaver), retired.Add(self));
                acknowledged = acknowledged.Remove(self);
            }

            Publish(current, acknowledged);
        }

        return Task.CompletedTask;
    }

    public Task LeaveAsync(SiloAddress self, CancellationToken ct)
    {
        lock (_gate)
        {
            var view = _published.Current;
            if (view.Owners.FirstOrDefault(m => m.Address.Equals(self)) is { } owner)
            {
                Publish(
                    new ClusterView(view.Number + 1, view.Owners.Remove(owner), view.Leavers.Add(owner), view.Retired),
                    _published.Snapshot.Acknowledged);
            }
        }

        return Task.CompletedTask;
    }

    public Task RemoveAsync(SiloAddress member, CancellationToken ct)
    {
        lock (_gate)
        {
            var view = _published.Current;
            if (view.Contains(member))
            {
                Publish(
                    new ClusterView(
                        view.Number + 1,
                        view.Owners.RemoveAll(m => m.Address.Equals(member)),
                        view.Leavers.RemoveAll(m => m.Address.Equals(member)),
                        view.Retired),
                    _published.Snapshot.Acknowledged.Remove(member));
            }
        }

        return Task.CompletedTask;
    }

    public void Suspect()
    {
    }

    public Task StopAsync() => Task.CompletedTask;

    private void Publish(ClusterView current, ImmutableDictionary<SiloAddress, long> acknowledged)
    {
        var before = _published.Snapshot;
        var views = before.Current.Number == current.Number ? before.Views : before.Views.Add(current);
        var lowest = acknowledged.IsEmpty ? current.Number : acknowledged.Values.Min();
        _published.Update(new ClusterSnapshot(
            before.Revision + 1, views.RemoveAll(v => v.Number < lowest && v.Number < current.Number), acknowledged));
    }
}
