using System.Collections.Immutable;
using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Objects;

/// <summary>
/// Listing of committed heads by range in UTF-8 byte order, skipping over common prefixes: cost follows the page.
/// Stateless worker, key 0. All methods are reads.
/// </summary>
[Alias("vault.object-list"), GrainInterfaceType("vault.object-list")]
public interface IObjectListGrain : IGrainWithIntegerKey
{
    /// <summary>One page. A read: repeat at will.</summary>
    [Alias("list")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken);
}

/// <summary>What to list.</summary>
[GenerateSerializer, Immutable, Alias("vault.list-request")]
public sealed record ListRequest
{
    /// <summary>Bucket name.</summary>
    [Id(0)] public required string Bucket { get; init; }

    /// <summary>Only keys that start with these bytes.</summary>
    [Id(1)] public ReadOnlyMemory<byte> Prefix { get; init; }

    /// <summary>
    /// Only keys after these bytes. When they end a common prefix of this listing (a marker that was returned), the
    /// whole group is skipped.
    /// </summary>
    [Id(2)] public ReadOnlyMemory<byte> After { get; init; }

    /// <summary>Keys that contain these bytes after the prefix are rolled up; empty = none.</summary>
    [Id(3)] public ReadOnlyMemory<byte> Delimiter { get; init; }

    /// <summary>Entries and common prefixes together, 0 to 1,000.</summary>
    [Id(4)] public required int Limit { get; init; }
}

/// <summary>One page of a listing.</summary>
[GenerateSerializer, Immutable, Alias("vault.list-page")]
public sealed record ListPage
{
    /// <summary>Null: no such bucket.</summary>
    [Id(0)] public BucketView? Bucket { get; init; }

    /// <summary>Keys, ascending.</summary>
    [Id(1)] public ImmutableArray<ListEntry> Entries { get; init; }

    /// <summary>Rolled-up prefixes (with the delimiter), ascending.</summary>
    [Id(2)] public ImmutableArray<ReadOnlyMemory<byte>> CommonPrefixes { get; init; }

    /// <summary>There is more after <see cref="Last"/>.</summary>
    [Id(3)] public bool Truncated { get; init; }

    /// <summary>The last key or common prefix on this page: <see cref="ListRequest.After"/> of the next.</summary>
    [Id(4)] public ReadOnlyMemory<byte> Last { get; init; }
}

/// <summary>One key of a listing.</summary>
[GenerateSerializer, Immutable, Alias("vault.list-entry")]
public sealed record ListEntry
{
    /// <summary>The key's UTF-8 bytes.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Plaintext bytes.</summary>
    [Id(1)] public required long Size { get; init; }

    /// <summary>Last-Modified, Unix milliseconds.</summary>
    [Id(2)] public required long ModifiedMs { get; init; }

    /// <summary>What <see cref="ListBox"/> is bound to.</summary>
    [Id(3)] public required VersionId VersionId { get; init; }

    /// <summary>Number of the bucket key that sealed the box.</summary>
    [Id(4)] public required int KeyNo { get; init; }

    /// <summary>ETag and checksum kind, sealed.</summary>
    [Id(5)] public required ReadOnlyMemory<byte> ListBox { get; init; }
}
