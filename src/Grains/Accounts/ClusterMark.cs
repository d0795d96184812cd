using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>
/// Which cluster a database belongs to. Shards without a head are swept in the end, so a program that finds volumes
/// must be sure that it reads the heads of the same cluster (docs/spec/database.md).
/// </summary>
public static class ClusterMark
{
    private static readonly SqlQuery<int, string> Mark = new(
        "select cluster_id from cluster where one = @one",
        static (p, one) => p.Bigint("one", one),
        static row => row.Text(0));

    private static readonly SqlQuery<int, string> AnyTenant = new(
        "select tenant_id from tenant limit @one",
        static (p, one) => p.Bigint("one", one),
        static row => row.Text(0));

    private static readonly SqlStatement<string> Write = new(
        "insert into cluster (one, cluster_id) values (1, @cluster) on conflict (one) do nothing",
        static (p, cluster) => p.Text("cluster", cluster));

    /// <summary>The cluster's id; null in a database that no cluster has used.</summary>
    public static Task<string?> ReadAsync(Database database, CancellationToken cancellationToken) =>
        database.ReadFirstAsync(Mark, 1, cancellationToken);

    /// <summary>Whether the database has no tenant: nothing was ever stored for anyone.</summary>
    public static async Task<bool> IsEmptyAsync(Database database, CancellationToken cancellationToken) =>
        await database.ReadFirstAsync(AnyTenant, 1, cancellationToken) is null;

    /// <summary>Writes the id where there is none; safe to repeat.</summary>
    public static async Task WriteAsync(Database database, string clusterId, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Execute(Write, clusterId);
        await transaction.CommitAsync(cancellationToken);
    }
}
