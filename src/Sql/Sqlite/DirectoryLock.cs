using System.Globalization;

namespace Vault.Sql.Sqlite;

/// <summary>
/// The lock file beside the database: one process at a time. The kernel drops it with the process, so a killed one
/// leaves nothing to clean up. A second file names the owner, for the message that the next one gets.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream file;

    private DirectoryLock(FileStream file) => this.file = file;

    public static DirectoryLock Take(string database)
    {
        var path = database + ".lock";
        var owner = database + ".pid";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new SqlUnavailableException(
                $"The database {database} is in use by process {Owner(owner)}. Stop that process, or choose another " +
                "data directory.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqlUnavailableException($"The lock file {path} cannot be created: {e.Message}", e);
        }

        try
        {
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // A full disk: the database still opens, and only the other's message will lack the number.
        }

        return new DirectoryLock(file);
    }

    public void Dispose() => file.Dispose();

    private static string Owner(string path)
    {
        try
        {
            return File.ReadAllText(path) is { Length: > 0 } id ? id : "(unknown)";
        }
        catch (IOException)
        {
            return "(unknown)";
        }
    }
}
