using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Ownership;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>What a client knows of the cluster: silos tell it their views, late or never.</summary>
internal sealed class AskedViews(SimulatedCluster cluster, SimulatedProcess process) : IMembership
{
    private readonly ViewHolder _told = new(process.Executor);

    public event Action<string>? Lost
    {
        add { }
        remove { }
    }

    public void Start() => _ = AskAsync();

    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var seen = 0L;
        while (true)
        {
            var snapshot = await _told.WaitAsync(s => s.Revision > seen, ct);
            seen = snapshot.Revision;
            yield return snapshot;
        }
    }

    public Task WaitUntilReachableAsync(CancellationToken ct) => Task.CompletedTask;

    public Task JoinAsync(Member self, CancellationToken ct) => throw new NotSupportedException();

    public Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct) =>
        throw new NotSupportedException();

    public Task LeaveAsync(SiloAddress self, CancellationToken ct) => throw new NotSupportedException();

    public Task RemoveAsync(SiloAddress member, CancellationToken ct) => throw new NotSupportedException();

    public void Suspect()
    {
    }

    public Task StopAsync() => Task.CompletedTask;

    private async Task AskAsync()
    {
        while (true)
        {
            var silos = cluster.Silos.Where(s => s.IsAlive).ToList();
            if (silos.Count > 0)
            {
                var silo = silos[cluster.Scheduler.Random.Next(silos.Count)];
                cluster.Network.Carry(process, silo.Process, () =>
                {
                    var view = silo.Services.GetRequiredService<ViewHolder>().Current;
                    cluster.Network.Carry(silo.Process, process, () => Take(view));
                });
            }

            // late while there are faults; later on no more than a push takes
            await Task.Delay(cluster.Scheduler.Between(30, cluster.IsQuiet ? 300 : 2200), process.Clock);
        }
    }

    private void Take(ClusterView view)
    {
        if (view.Number > _told.Current.Number)
        {
            _told.Update(new ClusterSnapshot(
                _told.Snapshot.Revision + 1, [view], ImmutableDictionary<SiloAddress, long>.Empty));
        }
    }
}
