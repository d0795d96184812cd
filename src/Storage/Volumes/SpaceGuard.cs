namespace Vault.Storage.Volumes;

/// <summary>Watches free space, so that storing never touches the reserve; docs/spec/volume.md, section 7.</summary>
internal sealed class SpaceGuard(LogCatalog catalog, VolumeOptions options)
{
    private long _free;
    private volatile bool _needsLog;

    /// <summary>Bytes free at the last look, within the volume's own capacity.</summary>
    public long FreeBytes => Volatile.Read(ref _free);

    /// <summary>Whether shards may be stored: from a refused log on, only when there is space for it.</summary>
    public bool StoringAllowed => FreeBytes >= options.ReserveBytes + (_needsLog ? options.LogBytes : 0);

    /// <summary>Whether a log may be preallocated; deletes and compaction may use the reserve for theirs.</summary>
    public bool MayCreateLog(bool forStoring)
    {
        Refresh();
        var allowed = FreeBytes - options.LogBytes >= (forStoring ? options.ReserveBytes : 0);
        _needsLog |= forStoring && !allowed;
        return allowed;
    }

    public void LogCreated()
    {
        _needsLog = false;
        Refresh();
    }

    public void Refresh()
    {
        var free = catalog.Files.FreeBytes(catalog.Directory);
        if (options.CapacityBytes > 0)
            free = Math.Min(free, options.CapacityBytes - AllocatedBytes());
        Volatile.Write(ref _free, free);
    }

    public long AllocatedBytes()
    {
        long bytes = 0;
        foreach (var log in catalog.Logs)
            bytes += log.Sealed ? log.End : options.LogBytes;
        return bytes;
    }
}
