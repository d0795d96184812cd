using Vault.Client.Keys;
using Vault.Grains.Accounts;
using Vault.Grains.Nodes;
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
        if (mark is not null && mark != data.ClusterId)
        {
            throw new SetupException(
                $"the database belongs to cluster {mark}, '{data.Path}' to {data.ClusterId}: name the database and "
                + "the data directory that belong together");
        }

        var used = mark is null
            ? WasUsed(volumes, data, options)
            : !options.IsAlone() && await HasStrangerAsync(database, volumes, cancellationToken);
        if (used && await ClusterMark.IsEmptyAsync(database, cancellationToken))
        {
            throw new SetupException(
                $"'{data.Path}' was used before, but its database is empty: put back state.db together with "
                + "state.db-wal, or the PostgreSQL database, from where they went or from a backup. To begin anew, "
                + "name an empty directory with --data");
        }

        if (mark is null) await ClusterMark.WriteAsync(database, data.ClusterId, cancellationToken);
    }

    /// <summary>
    /// A disk brings its number along, also to a fresh data directory: whether it has shards that this database never
    /// heard of.
    /// </summary>
    private static async Task<bool> HasStrangerAsync(
        Database database, IReadOnlyList<Volume> volumes, CancellationToken cancellationToken)
    {
        foreach (var volume in volumes.Where(static v => v.GetStats().Records > 0))
        {
            if (!await VolumeNumbers.IsKnownAsync(database, volume.Id, cancellationToken)) return true;
        }

        return false;
    }

    /// <summary>An owner's file gets its name only after the owner's project was committed.</summary>
    private static bool WasUsed(IReadOnlyList<Volume> volumes, DataDirectory data, ServeOptions options) =>
        volumes.Any(static v => v.GetStats().Records > 0)
        || new ClientDirectory(Path.GetFullPath(options.ConfigDirectory), data.ClusterId).HasOwners;
}
