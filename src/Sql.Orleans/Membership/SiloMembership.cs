using System.Net;

namespace Vault.Sql.Orleans.Membership;

/// <summary>The cluster's members in PostgreSQL, for those who are none.</summary>
public static class SiloMembership
{
    private static readonly SqlStatement<Place> LockVersion = new(
        "select version from orleans_membership where deployment_id = @cluster_id for update",
        static (p, place) => p.Text("cluster_id", place.ClusterId));

    private static readonly SqlQuery<Place, long> Newest = new(
        """
        select cast(coalesce(max(generation), 0) as bigint) from orleans_silo
        where deployment_id = @cluster_id and address = @address and port = @port
        """,
        static (p, place) =>
        {
            p.Text("cluster_id", place.ClusterId);
            p.Text("address", place.Address.ToString());
            p.Bigint("port", place.Port);
        },
        static r => r.Bigint(0));

    // 6 is SiloStatus.Dead.
    private static readonly SqlQuery<Place, long> DeclareDead = new(
        """
        with ended as (
          update orleans_silo set status = 6
          where deployment_id = @cluster_id and address = @address and port = @port and generation > @after
            and status <> 6
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
            p.Bigint("after", place.After);
        },
        static r => r.Bigint(0));

    /// <summary>
    /// The newest generation of a silo at that address and port, 0 for none: what a supervisor asks before it starts the
    /// next. A read: repeat at will.
    /// </summary>
    /// <exception cref="SqlException">It failed.</exception>
    public static async Task<long> NewestGenerationAsync(
        Database database, string clusterId, IPAddress address, int port, CancellationToken ct) =>
        (await database.QueryAsync(Newest, new Place(clusterId, address, port, 0), ct).ConfigureAwait(false))[0];

    /// <summary>
    /// Declares the generations after <paramref name="after"/> of the silo at that address and port dead and raises the
    /// table's version, in one transaction: for a supervisor that has reaped its silo and has not started the next.
    /// Earlier ones are not its own, and may live: its silo can have ended because their port was taken. Safe to repeat.
    /// The living silos learn it from their next reading of the table, or when they are woken.
    /// </summary>
    /// <returns>The table's new version; null when nothing changed.</returns>
    /// <exception cref="SqlException">It failed.</exception>
    public static async Task<long?> DeclareDeadAsync(
        Database database, string clusterId, IPAddress address, int port, long after, CancellationToken ct)
    {
        var place = new Place(clusterId, address, port, after);
        var transaction = database.Begin();
        // In a statement of its own: the next one then sees what those have written that it had to wait for.
        transaction.Execute(LockVersion, place);
        var version = transaction.Query(DeclareDead, place);
        await transaction.CommitAsync(ct).ConfigureAwait(false);
        return version.Rows is [var now] ? now : null;
    }

    private readonly record struct Place(string ClusterId, IPAddress Address, int Port, long After);
}
