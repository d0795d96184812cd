using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Objects;

/// <summary>
/// Manifests by object id. Once committed only the locations of shards change, when repair makes them elsewhere, so
/// callers may cache them. Stateless worker, key 0.
/// </summary>
[Alias("vault.manifest"), GrainInterfaceType("vault.manifest")]
public interface IManifestGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Stores one page (≤ 48 KiB) of a manifest ahead of its commit. Safe to repeat: the page that is there first
    /// stays. Pages that are never committed are swept after the orphan horizon.
    /// </summary>
    [Alias("stage-page")]
    [Repeatable]
    Task StagePageAsync(
        ObjectId objectId, int page, [Immutable] ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>
    /// One page of a committed manifest (page 0 when it was committed whole); null when there is no such manifest or
    /// page. Repair may replace all pages between two calls: what does not decode then is to be read again. A read:
    /// repeat at will.
    /// </summary>
    [Alias("read-page")]
    [Repeatable]
    Task<ManifestPage?> ReadPageAsync(ObjectId objectId, int page, CancellationToken cancellationToken);

    /// <summary>
    /// The database's time now, Unix milliseconds: goes into <see cref="ObjectBody.GrantedAtMs"/>. A read: repeat at
    /// will.
    /// </summary>
    [Alias("grant")]
    [Repeatable]
    Task<long> GrantAsync(CancellationToken cancellationToken);
}

/// <summary>A piece of a manifest.</summary>
[GenerateSerializer, Immutable, Alias("vault.manifest-page")]
public sealed record ManifestPage
{
    /// <summary>The bytes of this page; the manifest is the concatenation of its pages.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How many pages there are, at least 1.</summary>
    [Id(1)] public required int Pages { get; init; }
}
