using System.Globalization;

namespace Vault.Sql.Sqlite;

/// <summary>
/// The lock file beside the database: one process at a time. The kernel drops it with the process, so a killed one
/// leaves nothing to clean up.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream file;

    private DirectoryLock(FileStream file) => this.file = file;

    public static DirectoryLock Take(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DirectoryLock(file);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new SqlUnavailableException(
                $"The database {Path.ChangeExtension(path, null)} is in use by process {Owner(path)}. " +
                "Stop that process, or choose another data directory.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqlUnavailableException($"The lock file {path} cannot be created: {e.Message}", e);
        }
    }

    public void Dispose() => file.Dispose();

    private static string Owner(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd() is { Length: > 0 } id ? id : "unknown";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
