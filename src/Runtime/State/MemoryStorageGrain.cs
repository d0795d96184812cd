using System.Collections.Immutable;
using System.Globalization;

namespace Vault.Runtime.State;

/// <summary>Holds states in memory; key: a share of the storage's grains.</summary>
[Alias("vault.runtime.memory-storage")]
internal interface IMemoryStorageGrain : IGrainWithIntegerKey
{
    /// <summary>Reads; retries are safe.</summary>
    [Alias("Read")]
    Task<MemoryRecord?> ReadAsync(string key);

    /// <summary>Writes if the stored version is <paramref name="etag"/>; a retry may find its own first try.</summary>
    [Alias("Write")]
    Task<MemoryWriteResult> WriteAsync(string key, ImmutableArray<byte> state, string? etag);

    /// <summary>Removes if the stored version is <paramref name="etag"/>; a retry may find its own first try.</summary>
    [Alias("Clear")]
    Task<MemoryWriteResult> ClearAsync(string key, string? etag);
}

/// <summary>A stored state.</summary>
[GenerateSerializer, Immutable, Alias("vault.runtime.memory-record")]
internal sealed record MemoryRecord
{
    [Id(0)]
    public required ImmutableArray<byte> State { get; init; }

    [Id(1)]
    public required string ETag { get; init; }
}

/// <summary>The new version, or the one that was in the way.</summary>
[GenerateSerializer, Immutable, Alias("vault.runtime.memory-write-result")]
internal sealed record MemoryWriteResult
{
    [Id(0)]
    public required bool Done { get; init; }

    [Id(1)]
    public required string? ETag { get; init; }
}

[GrainType("vault.runtime.memorystorage"), KeepAlive]
internal sealed class MemoryStorageGrain : Grain, IMemoryStorageGrain
{
    private readonly Dictionary<string, MemoryRecord> _records = new(StringComparer.Ordinal);
    private long _version;

    public Task<MemoryRecord?> ReadAsync(string key) => Task.FromResult(_records.GetValueOrDefault(key));

    public Task<MemoryWriteResult> WriteAsync(string key, ImmutableArray<byte> state, string? etag)
    {
        var stored = _records.GetValueOrDefault(key)?.ETag;
        if (stored != etag)
        {
            return Task.FromResult(new MemoryWriteResult { Done = false, ETag = stored });
        }

        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        _records[key] = new MemoryRecord { State = state, ETag = version };
        return Task.FromResult(new MemoryWriteResult { Done = true, ETag = version });
    }

    public Task<MemoryWriteResult> ClearAsync(string key, string? etag)
    {
        var stored = _records.GetValueOrDefault(key)?.ETag;
        if (stored != etag)
        {
            return Task.FromResult(new MemoryWriteResult { Done = false, ETag = stored });
        }

        _records.Remove(key);
        return Task.FromResult(new MemoryWriteResult { Done = true, ETag = null });
    }
}
