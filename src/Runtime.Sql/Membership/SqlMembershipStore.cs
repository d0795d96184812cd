using Vault.Runtime.Ownership;
using Vault.Sql;

namespace Vault.Runtime.Sql.Membership;

/// <summary>The membership tables in the database.</summary>
internal sealed class SqlMembershipStore(Database database) : IMembershipStore
{
    public async Task<StoredCluster> ReadAsync(long knownRevision, CancellationToken ct)
    {
        List<StoredRow> rows;
        try
        {
            rows = await database.QueryAsync(MembershipTable.Read, knownRevision, ct).ConfigureAwait(false);
        }
        catch (SqlException exception)
        {
            throw Unavailable(exception);
        }

        return rows.Count == 0
            ? throw new MembershipUnavailableException("The membership tables are empty: the database isn't migrated.")
            : new StoredCluster(
                rows[0].System,
                rows[0].Revision,
                [.. rows.Where(r => r.View is not null).Select(r => r.View!.Value).OrderBy(v => v.Number)],
                [.. rows.Where(r => r.Silo is not null).Select(r => r.Silo!).OrderBy(s => s.Address)]);
    }

    public Task<bool> JoinAsync(ViewStep step, StoredSilo silo, SiloAddress? previous, CancellationToken ct)
    {
        var transaction = Begin(step);
        if (previous is not null)
        {
            transaction.Execute(MembershipTable.Replace, (previous, step.To));
        }

        transaction.Execute(MembershipTable.Insert, (silo, step.To));
        return EndAsync(transaction, step, ct);
    }

    public async Task<long?> RenewAsync(SiloAddress self, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        var renewed = transaction.Query(MembershipTable.Renew, self);
        await TryCommitAsync(transaction, ct).ConfigureAwait(false);
        return renewed.Rows is [var renewals] ? renewals : null;
    }

    public Task<bool> AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(MembershipTable.NextRevision, true);
        transaction.Check(MembershipTable.Acknowledge, (self, view));
        return TryCommitAsync(transaction, ct);
    }

    public Task<bool> LeaveAsync(ViewStep step, SiloAddress self, CancellationToken ct)
    {
        var transaction = Begin(step);
        transaction.Check(MembershipTable.Leave, (self, step.To));
        return EndAsync(transaction, step, ct);
    }

    public Task<bool> RemoveAsync(ViewStep step, IReadOnlyList<Removal> removals, CancellationToken ct)
    {
        var transaction = Begin(step);
        foreach (var removal in removals.OrderBy(r => r.Silo))
        {
            _ = removal.Condition switch
            {
                RemovalCondition.Unchanged => transaction.Check(MembershipTable.RemoveUnchanged, (removal, step.To)),
                RemovalCondition.Ended => transaction.Check(MembershipTable.RemoveEnded, (removal.Silo, step.To)),
                _ => transaction.Check(MembershipTable.RemoveLeft, (removal.Silo, step.To)),
            };
        }

        return EndAsync(transaction, step, ct);
    }

    public async Task<int> EndLeaseAsync(string process, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(MembershipTable.NextRevision, true);
        var ended = transaction.Query(MembershipTable.End, process);
        await TryCommitAsync(transaction, ct).ConfigureAwait(false);
        return ended.Rows.Count;
    }

    private static MembershipUnavailableException Unavailable(SqlException exception) =>
        new($"The membership tables can't be used: {exception.Message}", exception);

    private static async Task<bool> TryCommitAsync(SqlTransaction transaction, CancellationToken ct)
    {
        try
        {
            await transaction.CommitAsync(ct).ConfigureAwait(false);
            return true;
        }
        catch (SqlCheckFailedException)
        {
            return false;
        }
        catch (SqlException exception)
        {
            throw Unavailable(exception);
        }
    }

    private static Task<bool> EndAsync(SqlTransaction transaction, ViewStep step, CancellationToken ct)
    {
        transaction.Execute(MembershipTable.ForgetViews, step.To);
        transaction.Execute(MembershipTable.ForgetSilos, step.To);
        return TryCommitAsync(transaction, ct);
    }

    private SqlTransaction Begin(ViewStep step)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(MembershipTable.MakeView, step);
        transaction.Execute(MembershipTable.AddView, step);
        return transaction;
    }
}
