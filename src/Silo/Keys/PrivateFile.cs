using System.Runtime.InteropServices;
using System.Text;
using Vault.Client.Keys;

namespace Vault.Silo.Keys;

/// <summary>
/// Files that hold keys: mode 0600 in a 0700 directory, whole or not there, synced with their directory.
/// </summary>
internal static partial class PrivateFile
{
    private const int DirectoryFlag = 0x10000;

    /// <summary>From now on files that this process makes are its owner's alone.</summary>
    public static void RestrictNewFiles() => _ = UMask(0b000_111_111);

    /// <summary>Makes the directory, private to its owner.</summary>
    public static void EnsureDirectory(string path)
    {
        if (!Directory.Exists(path))
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes under a temporary name, syncs, renames, syncs the directory.</summary>
    public static void Write(string path, string text)
    {
        var temporary = path + ".tmp";
        WriteTemporary(temporary, text);
        Rename(temporary, path);
    }

    /// <summary>The same for a file that there may be already, of another process too: then it stays.</summary>
    public static void WriteNew(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        WriteTemporary(temporary, text);
        try
        {
            File.Move(temporary, path); // a hard link, which refuses a name that is taken
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }

        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void WriteTemporary(string temporary, string text)
    {
        EnsureDirectory(Path.GetDirectoryName(temporary)!);
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var file = new FileStream(temporary, options);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Renames and syncs the directory.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(to)!);
    }

    /// <summary>The text, or null when there is no such file; refuses a file that others can read.</summary>
    public static string? Read(string path)
    {
        if (!File.Exists(path)) return null;
        const UnixFileMode others =
            UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0)
        {
            throw new KeysExposedException(path);
        }

        return File.ReadAllText(path);
    }

    /// <summary>
    /// As <see cref="Read"/>, for a file that an orchestrator lays down for this process and its group.
    /// </summary>
    public static string? ReadShared(string path)
    {
        if (!File.Exists(path)) return null;
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return (File.GetUnixFileMode(path) & others) == 0
            ? File.ReadAllText(path)
            : throw new KeysExposedException(path);
    }

    private static void SyncDirectory(string path)
    {
        var descriptor = Open(path, DirectoryFlag);
        if (descriptor < 0)
            throw new IOException($"cannot open '{path}' to sync it (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (FSync(descriptor) != 0)
                throw new IOException($"cannot sync '{path}' (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial int UMask(int mask);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
