using System.Runtime.CompilerServices;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Simulation.Breaks;

/// <summary>Takes the view barrier away: every member seems to have acknowledged every view at once.</summary>
internal sealed class UnguardedMembership(IMembership inner) : IMembership
{
    public event Action<string>? Lost
    {
        add => inner.Lost += value;
        remove => inner.Lost -= value;
    }

    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var snapshot in inner.WatchAsync(ct))
        {
            var acknowledged = snapshot.Acknowledged;
            foreach (var member in snapshot.Acknowledged.Keys)
            {
                acknowledged = acknowledged.SetItem(member, snapshot.Current.Number);
            }

            yield return snapshot with { Acknowledged = acknowledged };
        }
    }

    public Task WaitUntilReachableAsync(CancellationToken ct) => inner.WaitUntilReachableAsync(ct);

    public Task JoinAsync(Member self, CancellationToken ct) => inner.JoinAsync(self, ct);

    public Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct) =>
        inner.AcknowledgeAsync(self, view, ct);

    public Task LeaveAsync(SiloAddress self, CancellationToken ct) => inner.LeaveAsync(self, ct);

    public Task RemoveAsync(SiloAddress member, CancellationToken ct) => inner.RemoveAsync(member, ct);

    public void Suspect() => inner.Suspect();

    public Task StopAsync() => inner.StopAsync();
}
