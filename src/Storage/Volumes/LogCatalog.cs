namespace Vault.Storage.Volumes;

/// <summary>The live logs in order of sequence, and the manifest that names them.</summary>
internal sealed class LogCatalog(IFileLayer files, string directory, uint volume, Guid id, TimeProvider time)
{
    private readonly Lock _publishing = new();
    private volatile LogFile[]? _logs = [];
    private ulong _generation, _nextLog = 1;

    /// <summary>A snapshot; the newest log is last.</summary>
    /// <exception cref="ObjectDisposedException">The volume was closed.</exception>
    public LogFile[] Logs => _logs ?? throw new ObjectDisposedException(nameof(Volume));

    public IFileLayer Files => files;

    public string Directory => directory;

    public uint Volume => volume;

    public Guid Id => id;

    /// <summary>The last durable sequence.</summary>
    public ulong LastSequence;

    public void Start(ulong generation, ulong nextLog, LogFile[] logs)
    {
        (_generation, _nextLog) = (generation, nextLog);
        _logs = logs;
    }

    /// <summary>Lets go of every log; reads under way finish.</summary>
    public void Close()
    {
        foreach (var log in Interlocked.Exchange(ref _logs, null) ?? [])
            log.Release();
    }

    public string PathOf(string name) => Path.Combine(directory, name);

    /// <summary>Makes an empty log, durable under its name but not yet in the manifest.</summary>
    /// <exception cref="DiskFullException">It cannot be preallocated.</exception>
    public LogFile CreateLog(long bytes)
    {
        var file = CreateTemporary(out var header, out var temporary);
        try
        {
            file.Allocate(bytes);
            file.Write(header.ToArray(), 0);
            file.Sync(SyncPoint.LogCreate);
            return Name(file, header, temporary, new ActiveIndex(header.Salt));
        }
        catch
        {
            file.Dispose();
            files.Delete(temporary);
            throw;
        }
    }

    /// <summary>A file for a log that compaction will fill before it gets its name.</summary>
    public IVolumeFile CreateTemporary(out LogHeader header, out string temporary)
    {
        lock (_publishing)
        {
            header = LogHeader.Create(volume, _nextLog++, time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        temporary = PathOf(VolumeManifest.LogName(header.Number) + ".tmp");
        return files.Create(temporary);
    }

    /// <summary>Gives a finished file its name.</summary>
    public LogFile Name(IVolumeFile file, LogHeader header, string temporary, ILogIndex index)
    {
        var path = PathOf(VolumeManifest.LogName(header.Number));
        files.Rename(temporary, path);
        files.SyncDirectory(directory, SyncPoint.LogName);
        return new LogFile(files, path, header, file, index) { ScrubbedAtMs = header.CreatedAtMs };
    }

    /// <summary>
    /// Replaces the set of logs, on disk first. When it throws, the disk may have either set: files of both must stay,
    /// and the next start removes what its manifest doesn't name.
    /// </summary>
    public void Publish(Func<LogFile[], LogFile[]> change)
    {
        lock (_publishing)
        {
            var logs = change(Logs);
            var manifest = new VolumeManifest(
                volume, id, ++_generation, _nextLog, Volatile.Read(ref LastSequence), Array.ConvertAll(logs, Describe));
            manifest.Publish(files, directory);
            _logs = logs;
        }
    }

    /// <summary>Builds and publishes the index file of a log that takes no more records.</summary>
    public void Seal(LogFile log, ReadOnlySpan<IndexEntry> entries)
    {
        var generation = log.IndexGeneration + 1;
        var path = WriteIndex(log.Header, entries, generation);
        var replaced = log.IndexGeneration == 0
            ? null
            : PathOf(VolumeManifest.IndexName(log.Number, log.IndexGeneration));
        log.UseIndex(SealedIndex.Open(files.Open(path), log.Header), generation, path);
        Publish(static logs => logs);
        if (replaced is not null && files.Exists(replaced))
            files.Delete(replaced);
    }

    /// <summary>Writes an index file; durable under its name when it returns the path.</summary>
    public string WriteIndex(LogHeader header, ReadOnlySpan<IndexEntry> entries, uint generation)
    {
        var path = PathOf(VolumeManifest.IndexName(header.Number, generation));
        var temporary = path + ".tmp";
        using (var file = files.Create(temporary))
        {
            SealedIndexWriter.Write(file, header, entries);
            file.Sync(SyncPoint.IndexFile);
        }

        files.Rename(temporary, path);
        files.SyncDirectory(directory, SyncPoint.IndexName);
        return path;
    }

    private static ManifestLog Describe(LogFile log) => new(
        log.Number, log.Sealed, log.IndexGeneration, log.End, log.MinSequence, log.MaxSequence,
        log.ShardBytes, log.ControlBytes, log.DeadBytes, log.ScrubbedAtMs, log.Header.Salt);
}
