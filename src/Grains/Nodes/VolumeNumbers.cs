using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Nodes;

/// <summary>
/// Numbers of volumes, unique in the cluster. A process of a cluster takes one before it makes its volume; 1 is never
/// given, it is the number of a process that runs by itself.
/// </summary>
public static class VolumeNumbers
{
    /// <summary>Takes the next number; one that is not used in the end is lost.</summary>
    public static async Task<uint> TakeAsync(Database database, CancellationToken cancellationToken)
    {
        var transaction = database.Begin(mayUseReserve: true);
        var taken = transaction.Query(NodeTable.TakeNumber, true);
        await transaction.SendAsync(cancellationToken);
        return taken.Rows[0].Number;
    }

    /// <summary>Whether a volume has ever registered with the directory.</summary>
    public static async Task<bool> IsKnownAsync(
        Database database, Guid volumeId, CancellationToken cancellationToken) =>
        (await database.ReadAsync(NodeTable.Volumes, true, cancellationToken)).Exists(v => v.VolumeId == volumeId);
}
