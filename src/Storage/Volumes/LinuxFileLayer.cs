using System.Runtime.InteropServices;

namespace Vault.Storage.Volumes;

/// <summary>Files of the operating system.</summary>
public sealed class LinuxFileLayer : IFileLayer
{
    /// <inheritdoc/>
    public bool CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return false;
        Directory.CreateDirectory(path);
        return true;
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB): it ends with the process, however that ends.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
        }
        catch (IOException failure) when (failure is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new VolumeLockedException(
                $"{path} is locked: another process has this volume open, or it cannot be written.", failure);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory) =>
        Array.ConvertAll(Directory.GetFiles(directory), static path => Path.GetFileName(path));

    /// <inheritdoc/>
    public IVolumeFile Create(string path) => new LinuxFile(path, FileMode.Create);

    /// <inheritdoc/>
    public IVolumeFile Open(string path) => new LinuxFile(path, FileMode.Open);

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => File.Move(path, newPath, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string path, SyncPoint point)
    {
        var directory = Libc.OpenPath(path, Libc.OpenDirectory);
        if (directory < 0)
            throw Libc.Failure($"open {path}", Marshal.GetLastPInvokeError());
        try
        {
            if (Libc.FullSync(directory) != 0)
                throw Libc.Failure($"fsync {path}", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Libc.Close(directory);
        }
    }

    /// <inheritdoc/>
    public long FreeBytes(string directory) => new DriveInfo(directory).AvailableFreeSpace;
}
