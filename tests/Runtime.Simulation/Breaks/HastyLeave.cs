using Vault.Runtime.Ownership;

namespace Vault.Runtime.Simulation.Breaks;

/// <summary>Takes the drain from leaving: a leaver says that it serves nothing in the moment in which it leaves.</summary>
internal sealed class HastyLeave(IMembershipStore inner) : IMembershipStore
{
    public Task<StoredCluster> ReadAsync(long knownRevision, CancellationToken ct) =>
        inner.ReadAsync(knownRevision, ct);

    public Task<bool> JoinAsync(ViewStep step, StoredSilo silo, SiloAddress? previous, CancellationToken ct) =>
        inner.JoinAsync(step, silo, previous, ct);

    public Task<long?> RenewAsync(SiloAddress self, CancellationToken ct) => inner.RenewAsync(self, ct);

    public Task<bool> AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct) =>
        inner.AcknowledgeAsync(self, view, ct);

    public async Task<bool> LeaveAsync(ViewStep step, SiloAddress self, CancellationToken ct) =>
        await inner.LeaveAsync(step, self, ct) && await inner.AcknowledgeAsync(self, step.To, ct);

    public Task<bool> RemoveAsync(ViewStep step, IReadOnlyList<Removal> removals, CancellationToken ct) =>
        inner.RemoveAsync(step, removals, ct);

    public Task<int> EndLeaseAsync(string process, CancellationToken ct) => inner.EndLeaseAsync(process, ct);
}
