namespace Vault.Sql.Sqlite;

/// <summary>Keeps the last bytes of the disk for deletes and checkpoints.</summary>
internal sealed class DiskReserve(string directory, long reserveBytes)
{
    private readonly DriveInfo drive = new(directory);

    public string Explanation
        => $"The disk of {directory} has less than {reserveBytes >> 20} MiB free; deletes go on, other changes do not.";

    public bool IsLow()
    {
        try
        {
            return drive.AvailableFreeSpace < reserveBytes;
        }
        catch (IOException)
        {
            // Not known: the write itself will tell.
            return false;
        }
    }
}
