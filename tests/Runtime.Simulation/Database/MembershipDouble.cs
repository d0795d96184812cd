using Vault.Runtime.Ownership;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Database;

/// <summary>A silo's way to the membership tables.</summary>
internal sealed class MembershipDouble(DatabaseServer server, MembershipTables tables, SimulatedProcess process)
    : IMembershipStore
{
    public Task<StoredCluster> ReadAsync(long knownRevision, CancellationToken ct) =>
        Ask(() => tables.Read(knownRevision), ct);

    public Task<bool> JoinAsync(ViewStep step, StoredSilo silo, SiloAddress? previous, CancellationToken ct) =>
        Ask(() => tables.Join(step, silo, previous), ct);

    public Task<long?> RenewAsync(SiloAddress self, CancellationToken ct) => Ask(() => tables.Renew(self), ct);

    public Task<bool> AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct) =>
        Ask(() => tables.Acknowledge(self, view), ct);

    public Task<bool> LeaveAsync(ViewStep step, SiloAddress self, CancellationToken ct) =>
        Ask(() => tables.Leave(step, self), ct);

    public Task<bool> RemoveAsync(ViewStep step, IReadOnlyList<Removal> removals, CancellationToken ct) =>
        Ask(() => tables.Remove(step, removals), ct);

    public Task<int> EndLeaseAsync(string process, CancellationToken ct) => Ask(() => tables.EndLease(process), ct);

    private async Task<T> Ask<T>(Func<T> action, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return await server.AtOnceAsync(process, action).WaitAsync(ct);
        }
        catch (DatabaseException exception)
        {
            throw new MembershipUnavailableException(exception.Message, exception);
        }
    }
}
