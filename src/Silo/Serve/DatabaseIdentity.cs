using Vault.Client.Keys;
using Vault.Grains.Accounts;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Silo.Serve;

/// <summary>
/// Holds a database to the data directory beside which it was made. One that was lost, or was copied without its log,
/// looks like a first start, and every shard on the volume like an orphan to be swept.
/// </summary>
internal static class DatabaseIdentity
{
    /// <summary>
    /// The directory of one of many silos: a fresh one joins the cluster whose database the settings name, and of
    /// silos that start together on an empty database one names the cluster.
    /// </summary>
    public static async Task<DataDirectory> JoinAsync(
        Database database, ServeOptions options, CancellationToken cancellationToken)
    {
        if (DataDirectory.ReadClusterId(options.DataDirectory) is null
            && await ClusterMark.ReadAsync(database, cancellationToken) is null)
        {
            await ClusterMark.WriteAsync(database, DataDirectory.NewClusterId(), cancellationToken);
        }

        return new DataDirectory(
            options.DataDirectory, await ClusterMark.ReadAsync(database, cancellationToken));
    }

    /// <summary>Marks the database of a first start; later it must bear the mark.</summary>
    /// <exception cref="SetupException">The database is another cluster's, or an empty one in its place.</exception>
    public static async Task RequireAsync(
        Database database, IReadOnlyList<Volume> volumes, DataDirectory data, ServeOptions options,
        CancellationToken cancellationToken)
    {
        var mark = await ClusterMark.ReadAsync(database, cancellationToken);
        if (mark == data.ClusterId) return;
        if (mark is not null)
        {
            throw new SetupException(
                $"the database belongs to cluster {mark}, '{data.Path}' to {data.ClusterId}: name the database and "
                + "the data directory that belong together");
        }

        if (await ClusterMark.IsEmptyAsync(database, cancellationToken) && WasUsed(volumes, data, options))
        {
            throw new SetupException(
                $"'{data.Path}' was used before, but its database is empty: put back state.db together with "
                + "state.db-wal, or the PostgreSQL database, from where they went or from a backup. To begin anew, "
                + "name an empty directory with --data");
        }

        await ClusterMark.WriteAsync(database, data.ClusterId, cancellationToken);
    }

    /// <summary>An owner's file gets its name only after the owner's project was committed.</summary>
    private static bool WasUsed(IReadOnlyList<Volume> volumes, DataDirectory data, ServeOptions options) =>
        volumes.Any(static v => v.GetStats().Records > 0)
        || new ClientDirectory(Path.GetFullPath(options.ConfigDirectory), data.ClusterId).HasOwners;
}
