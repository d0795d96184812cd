using System.Net;

namespace Vault.Sql.Orleans.Membership;

/// <summary>The cluster's members in PostgreSQL, for those who are none.</summary>
public static class SiloMembership
{
    private static readonly SqlStatement<Place> LockVersion = new(
        "select version from orleans_membership where deployment_id = @cluster_id for update",
        static (p, place) => p.Text("cluster_id", place.ClusterId));

    // 6 is SiloStatus.Dead.
    private static readonly SqlQuery<Place, long> DeclareDead = new(
        """
        with ended as (
          update orleans_silo set status = 6
          where deployment_id = @cluster_id and address = @address and port = @port and status <> 6
          returning 1)
        update orleans_membership set version = version + 1
        where deployment_id = @cluster_id and exists (select 1 from ended)
        returning version
        """,
        static (p, place) =>
        {
            p.Text("cluster_id", place.ClusterId);
            p.Text("address", place.Address.ToString());
            p.Bigint("port", place.Port);
        },
        static r => r.Bigint(0));

    /// <summary>
    /// Declares every generation of the silo at that address and port dead and raises the table's version, in one
    /// transaction: for a supervisor that has reaped its silo and has not started the next. Safe to repeat. The living
    /// silos learn it from their next reading of the table, or when they are woken.
    /// </summary>
    /// <returns>The table's new version; null when nothing changed.</returns>
    /// <exception cref="SqlException">It failed.</exception>
    public static async Task<long?> DeclareDeadAsync(
        Database database, string clusterId, IPAddress address, int port, CancellationToken ct)
    {
        var place = new Place(clusterId, address, port);
        var transaction = database.Begin();
        // In a statement of its own: the next one then sees what those have written that it had to wait for.
        transaction.Execute(LockVersion, place);
        var version = transaction.Query(DeclareDead, place);
        await transaction.CommitAsync(ct).ConfigureAwait(false);
        return version.Rows is [var now] ? now : null;
    }

    private readonly record struct Place(string ClusterId, IPAddress Address, int Port);
}
