using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>A volume could not do what was asked; the subclasses say why.</summary>
public abstract class VolumeException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Storing would touch the reserve. Reads and deletes go on; storing works again when space is free.</summary>
public sealed class VolumeFullException(string message) : VolumeException(message);

/// <summary>No log can be written at the moment. Reads go on; the volume tries to open a new log by itself.</summary>
public sealed class VolumeReadOnlyException(string message, Exception? inner = null) : VolumeException(message, inner);

/// <summary>An append was not made durable; whether it will be found after a restart is unknown.</summary>
public sealed class VolumeWriteException(string message, Exception inner) : VolumeException(message, inner);

/// <summary>Another process has the volume open.</summary>
public sealed class VolumeLockedException(string message, Exception? inner = null) : VolumeException(message, inner);

/// <summary>The only record of a shard is damaged; it was quarantined and reported.</summary>
public sealed class VolumeCorruptException(Cid cid, string message, Exception? inner = null)
    : VolumeException(message, inner)
{
    /// <summary>The shard that was asked for.</summary>
    public Cid Cid { get; } = cid;
}

/// <summary>What lies in the volume's directory is not a volume that this program can open.</summary>
public sealed class VolumeFormatException(string message) : VolumeException(message);

/// <summary>The file system has no space left for an allocation or a write.</summary>
public sealed class DiskFullException(string message) : IOException(message);
