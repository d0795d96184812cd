using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Uploads;

/// <summary>
/// Ends an upload and lets go of its parts in one transaction: for the upload's grain and for its expiry.
/// </summary>
internal static class UploadAbort
{
    /// <returns>False when there is no such upload, or it became an object.</returns>
    public static async Task<bool> RunAsync(Database database, UploadKey upload, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(UploadTable.Abort, upload);
        transaction.Execute(UploadTable.ReleaseParts, upload.UploadId);
        transaction.Execute(UploadTable.DeleteParts, upload.UploadId);
        return await transaction.SendAsync(ct) is null;
    }
}
