using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Objects;

/// <summary>
/// Combined strong reads of heads: every answer comes from an SQL statement begun after the request arrived (decisions
/// §1.1). Stateless worker, key 0. All methods are reads: repeat at will.
/// </summary>
[Alias("vault.object-read"), GrainInterfaceType("vault.object-read")]
public interface IObjectReadGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The bucket by name and, when it exists, the current version of the key. A read: repeat at will.
    /// </summary>
    [Alias("read")]
    [Repeatable]
    Task<HeadRead> ReadAsync(HeadRequest request, CancellationToken cancellationToken);
}

/// <summary>Which head to read.</summary>
[GenerateSerializer, Immutable, Alias("vault.head-request")]
public sealed record HeadRequest
{
    /// <summary>Bucket name.</summary>
    [Id(0)] public required string Bucket { get; init; }

    /// <summary>The key's UTF-8 bytes.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Also return the inline payload, or the manifest when it is at most 4 KiB.</summary>
    [Id(2)] public bool WithBody { get; init; }
}

/// <summary>A bucket and one of its heads.</summary>
[GenerateSerializer, Immutable, Alias("vault.head-read")]
public sealed record HeadRead
{
    /// <summary>Null: no such bucket.</summary>
    [Id(0)] public BucketView? Bucket { get; init; }

    /// <summary>Null: no such key.</summary>
    [Id(1)] public SealedHead? Head { get; init; }
}

/// <summary>A version as stored: clear listing fields and sealed boxes.</summary>
[GenerateSerializer, Immutable, Alias("vault.sealed-head")]
public sealed record SealedHead
{
    /// <summary>Position in the key's order of versions.</summary>
    [Id(0)] public required long Sequence { get; init; }

    /// <summary>What the boxes are bound to.</summary>
    [Id(1)] public required VersionId VersionId { get; init; }

    /// <summary>Plaintext bytes.</summary>
    [Id(2)] public required long Size { get; init; }

    /// <summary>Last-Modified, Unix milliseconds.</summary>
    [Id(3)] public required long ModifiedMs { get; init; }

    /// <summary>Number of the bucket key that sealed the boxes.</summary>
    [Id(4)] public required int KeyNo { get; init; }

    /// <summary>ETag and checksum kind, sealed.</summary>
    [Id(5)] public required ReadOnlyMemory<byte> ListBox { get; init; }

    /// <summary>Everything else, sealed.</summary>
    [Id(6)] public required ReadOnlyMemory<byte> HeadBox { get; init; }

    /// <summary>Inline body (see <see cref="ObjectBody.Inline"/>), when asked for.</summary>
    [Id(7)] public ReadOnlyMemory<byte> Inline { get; init; }

    /// <summary>The body on the volumes, null for inline and empty objects.</summary>
    [Id(8)] public ObjectId? ObjectId { get; init; }

    /// <summary>
    /// The manifest's CBOR when asked for and at most 4 KiB; otherwise empty:
    /// <see cref="IManifestGrain.ReadPageAsync"/>.
    /// </summary>
    [Id(9)] public ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>Parts of a completed multipart upload, 0 for a single body.</summary>
    [Id(10)] public int PartCount { get; init; }
}
