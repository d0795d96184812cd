namespace Vault.Storage.Volumes;

/// <summary>Why a sync was asked for; a closed set, used as a metric label and by the power-cut tests.</summary>
public enum SyncPoint
{
    /// <summary>One fdatasync for a group of appends, before any of them is acknowledged.</summary>
    GroupCommit,

    /// <summary>A new log's header, under its temporary name.</summary>
    LogCreate,

    /// <summary>The directory, after a log got its name.</summary>
    LogName,

    /// <summary>An index file, under its temporary name.</summary>
    IndexFile,

    /// <summary>The directory, after an index file got its name.</summary>
    IndexName,

    /// <summary>The manifest's replacement, under its temporary name.</summary>
    ManifestFile,

    /// <summary>The directory, after the manifest was replaced.</summary>
    ManifestName,

    /// <summary>A log found at start, before what was read from it is relied on.</summary>
    Recovery,

    /// <summary>
    /// The volume's directory at start: a manifest that was read may not have been durable under its name.
    /// </summary>
    RecoveryNames,

    /// <summary>A log written by compaction, under its temporary name.</summary>
    Compaction,

    /// <summary>The directory that holds the volume's directory, after that was created.</summary>
    VolumeDirectory,
}

/// <summary>
/// The operations on files that a volume is built from. <see cref="LinuxFileLayer"/> is the real one; the tests put
/// one below the same volume code that forgets what was not synced.
/// </summary>
public interface IFileLayer
{
    /// <summary>Creates the directory and its parents; false when it was there already.</summary>
    bool CreateDirectory(string path);

    /// <summary>Takes the exclusive lock, which ends with the returned object or with the process.</summary>
    /// <exception cref="VolumeLockedException">Somebody else holds it.</exception>
    IDisposable Lock(string path);

    /// <summary>File names (without the directory) in <paramref name="directory"/>.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates or empties a file and opens it for reading and writing.</summary>
    IVolumeFile Create(string path);

    /// <summary>Opens an existing file for reading and writing.</summary>
    IVolumeFile Open(string path);

    /// <summary>Whether a file of that name exists.</summary>
    bool Exists(string path);

    /// <summary>Renames, replacing a file of the new name atomically.</summary>
    void Rename(string path, string newPath);

    /// <summary>Removes a name; readers that have the file open keep it.</summary>
    void Delete(string path);

    /// <summary>Makes the names in a directory durable.</summary>
    void SyncDirectory(string path, SyncPoint point);

    /// <summary>Bytes that may still be allocated on the file system of <paramref name="directory"/>.</summary>
    long FreeBytes(string directory);
}

/// <summary>One open file; all methods may be called from several threads, writes never overlap.</summary>
public interface IVolumeFile : IDisposable
{
    /// <summary>Current size in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends; returns the bytes read.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>As <see cref="Read"/> when it needs no disk; false (and anything in the buffer) otherwise.</summary>
    bool TryReadCached(Span<byte> buffer, long offset, out int read);

    /// <summary>Writes one buffer at its place.</summary>
    void Write(ReadOnlySpan<byte> buffer, long offset);

    /// <summary>Writes several buffers one after the other, in one system call where that is possible.</summary>
    void Write(ReadOnlySpan<ReadOnlyMemory<byte>> buffers, long offset);

    /// <summary>Allocates disk space for, and sets the size to, <paramref name="bytes"/>.</summary>
    /// <exception cref="DiskFullException">There is not that much.</exception>
    void Allocate(long bytes);

    /// <summary>Cuts the file.</summary>
    void SetLength(long bytes);

    /// <summary>Returns when everything written before is on stable storage (<c>fdatasync</c>).</summary>
    void Sync(SyncPoint point);
}
