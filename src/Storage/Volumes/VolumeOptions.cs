using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vault.Storage.Volumes;

/// <summary>One volume; configuration section <c>Volume</c>.</summary>
public sealed class VolumeOptions
{
    /// <summary>Directory of the volume's files; created when it is not there.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Number that receipts and manifests name this volume by; fixed when the volume is created.</summary>
    public uint Number { get; set; } = 1;

    /// <summary>Bytes preallocated for one log file; a log is sealed when the next record does not fit.</summary>
    [Range(64L << 10, 16L << 30)]
    public long LogBytes { get; set; } = 256L << 20;

    /// <summary>Bytes of memory for the maps of logs that have no index file yet.</summary>
    [Range(16 << 10, 64 << 20)]
    public int ActiveMapBytes { get; set; } = 64 << 20;

    /// <summary>Bytes kept free for the database, besides two logs.</summary>
    [Range(0L, long.MaxValue)]
    public long DatabaseReserveBytes { get; set; } = 256L << 20;

    /// <summary>Most bytes that the volume's logs may take; 0 leaves only the file system's limit.</summary>
    [Range(0L, long.MaxValue)]
    public long CapacityBytes { get; set; }

    /// <summary>Share of dead bytes, in percent, from which a log is compacted.</summary>
    [Range(1, 99)]
    public int CompactionDeadPercent { get; set; } = 25;

    /// <summary>Bytes per second that compaction may read; without limit while the volume is full.</summary>
    [Range(64L << 10, long.MaxValue)]
    public long CompactionBytesPerSecond { get; set; } = 128L << 20;

    /// <summary>Bytes per second that scrubbing may read.</summary>
    [Range(64L << 10, long.MaxValue)]
    public long ScrubBytesPerSecond { get; set; } = 16L << 20;

    /// <summary>Every record is read and checked at least once in this time.</summary>
    public TimeSpan ScrubInterval { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often compaction, scrub and the free space are looked after.</summary>
    public TimeSpan MaintenanceInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest shard that is accepted, in bytes.</summary>
    public int MaxBodyBytes => (int)Math.Min((64L << 20) + (64 << 10), LogBytes / 2);

    /// <summary>Bytes that storing never touches: two logs and <see cref="DatabaseReserveBytes"/>.</summary>
    public long ReserveBytes => 2 * LogBytes + DatabaseReserveBytes;
}

/// <summary>Reports every wrong setting at once.</summary>
public sealed class VolumeOptionsValidator : IValidateOptions<VolumeOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, VolumeOptions options)
    {
        List<ValidationResult> found = [];
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        var errors = found.ConvertAll(r => $"Volume: {r.ErrorMessage}");
        if (options.ScrubInterval <= TimeSpan.Zero)
            errors.Add("Volume: ScrubInterval must be positive.");
        if (options.MaintenanceInterval <= TimeSpan.Zero)
            errors.Add("Volume: MaintenanceInterval must be positive.");
        if (options.LogBytes % 4096 != 0)
            errors.Add("Volume: LogBytes must be a multiple of 4096.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
