using System.Collections.Immutable;
using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Uploads;

/// <summary>Strong reads of uploads and parts. Stateless worker, key 0. All methods are reads.</summary>
[Alias("vault.upload-read"), GrainInterfaceType("vault.upload-read")]
public interface IUploadReadGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The bucket by name and, when it is there for that key, the upload (open or completed). A read: repeat at will.
    /// </summary>
    [Alias("read")]
    [Repeatable]
    Task<UploadRead> ReadAsync(
        string bucket, [Immutable] ReadOnlyMemory<byte> key, UploadId uploadId, CancellationToken cancellationToken);

    /// <summary>
    /// Parts with numbers above <paramref name="afterPartNumber"/>, ascending, at most <paramref name="limit"/> (≤
    /// 1,000), with the parts version they belong to. A read: repeat at will.
    /// </summary>
    [Alias("parts")]
    [Repeatable]
    Task<PartsPage> ReadPartsAsync(
        UploadId uploadId, int afterPartNumber, int limit, CancellationToken cancellationToken);

    /// <summary>Open uploads of a bucket ordered by key, then by upload id. A read: repeat at will.</summary>
    [Alias("list")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<UploadsPage> ListAsync(ListUploads request, CancellationToken cancellationToken);
}

/// <summary>A bucket and one upload.</summary>
[GenerateSerializer, Immutable, Alias("vault.upload-read-result")]
public sealed record UploadRead
{
    /// <summary>Null: no such bucket.</summary>
    [Id(0)] public BucketView? Bucket { get; init; }

    /// <summary>Null: no such upload of that key.</summary>
    [Id(1)] public UploadView? Upload { get; init; }
}

/// <summary>An upload.</summary>
[GenerateSerializer, Immutable, Alias("vault.upload-view")]
public sealed record UploadView
{
    /// <summary>Its id.</summary>
    [Id(0)] public required UploadId UploadId { get; init; }

    /// <summary>The key's UTF-8 bytes.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Open time, Unix milliseconds.</summary>
    [Id(2)] public required long InitiatedMs { get; init; }

    /// <summary>Grows with every part.</summary>
    [Id(3)] public required long PartsVersion { get; init; }

    /// <summary>Number of the bucket key that sealed the box.</summary>
    [Id(4)] public required int KeyNo { get; init; }

    /// <summary>Root, headers, metadata and checksum kind, sealed.</summary>
    [Id(5)] public required ReadOnlyMemory<byte> UploadBox { get; init; }

    /// <summary>True when it was completed: only a repeated Complete may still use it.</summary>
    [Id(6)] public bool Completed { get; init; }

    /// <summary>The sealed answer of the Complete.</summary>
    [Id(7)] public ReadOnlyMemory<byte> ResultBox { get; init; }

    /// <summary>Number of the bucket key that sealed the answer.</summary>
    [Id(8)] public int ResultKeyNo { get; init; }
}

/// <summary>One page of parts.</summary>
[GenerateSerializer, Immutable, Alias("vault.parts-page")]
public sealed record PartsPage
{
    /// <summary>The upload's parts version when the page was read.</summary>
    [Id(0)] public required long PartsVersion { get; init; }

    /// <summary>Ascending part numbers.</summary>
    [Id(1)] public required ImmutableArray<PartView> Parts { get; init; }

    /// <summary>There are more.</summary>
    [Id(2)] public bool Truncated { get; init; }
}

/// <summary>One part.</summary>
[GenerateSerializer, Immutable, Alias("vault.part-view")]
public sealed record PartView
{
    /// <summary>1 to 10,000.</summary>
    [Id(0)] public required int PartNumber { get; init; }

    /// <summary>Plaintext bytes.</summary>
    [Id(1)] public required long Size { get; init; }

    /// <summary>Time of the part, Unix milliseconds.</summary>
    [Id(2)] public required long ModifiedMs { get; init; }

    /// <summary>The part's body.</summary>
    [Id(3)] public required ObjectId ObjectId { get; init; }

    /// <summary>Number of the bucket key that sealed the box.</summary>
    [Id(4)] public required int KeyNo { get; init; }

    /// <summary>MD5 and checksums, sealed.</summary>
    [Id(5)] public required ReadOnlyMemory<byte> PartBox { get; init; }
}

/// <summary>Which uploads to list.</summary>
[GenerateSerializer, Immutable, Alias("vault.list-uploads")]
public sealed record ListUploads
{
    /// <summary>Bucket name.</summary>
    [Id(0)] public required string Bucket { get; init; }

    /// <summary>Only keys that start with these bytes.</summary>
    [Id(1)] public ReadOnlyMemory<byte> Prefix { get; init; }

    /// <summary>Keys that contain these bytes after the prefix are rolled up; empty = none.</summary>
    [Id(2)] public ReadOnlyMemory<byte> Delimiter { get; init; }

    /// <summary>Start after this key…</summary>
    [Id(3)] public ReadOnlyMemory<byte> AfterKey { get; init; }

    /// <summary>…or, when set, at this key after this upload.</summary>
    [Id(4)] public UploadId? AfterUpload { get; init; }

    /// <summary>Entries and common prefixes together, 0 to 1,000.</summary>
    [Id(5)] public required int Limit { get; init; }
}

/// <summary>One page of uploads.</summary>
[GenerateSerializer, Immutable, Alias("vault.uploads-page")]
public sealed record UploadsPage
{
    /// <summary>Null: no such bucket.</summary>
    [Id(0)] public BucketView? Bucket { get; init; }

    /// <summary>Ordered by key, then upload id.</summary>
    [Id(1)] public ImmutableArray<UploadView> Uploads { get; init; }

    /// <summary>Rolled-up prefixes.</summary>
    [Id(2)] public ImmutableArray<ReadOnlyMemory<byte>> CommonPrefixes { get; init; }

    /// <summary>There is more.</summary>
    [Id(3)] public bool Truncated { get; init; }
}
