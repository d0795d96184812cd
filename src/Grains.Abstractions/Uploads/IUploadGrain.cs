using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Uploads;

/// <summary>The single writer of one multipart upload's parts. Key: upload id, 32 hex.
/// Completion is a commit of the key's index grain (<see cref="IObjectIndexGrain.CompleteUploadAsync"/>).</summary>
[Alias("vault.upload"), GrainInterfaceType("vault.upload")]
public interface IUploadGrain : IGrainWithStringKey
{
    /// <summary>
    /// Opens the upload, whose id is drawn for this call. Safe to repeat: an upload that is there stays as it is, also
    /// one that was ended meanwhile. When the bucket has changed since, the repeat answers that although the first call
    /// opened the upload; nobody knows that one, and it expires.
    /// </summary>
    [Alias("create")]
    [Repeatable]
    Task<UploadStatus> CreateAsync(CreateUpload create, CancellationToken cancellationToken);

    /// <summary>
    /// Stores or replaces one part; the replaced part's bytes go to reclaim. Safe to repeat: the same body again is the
    /// same part with a later time and counts as a new version of the parts; a part that another body has replaced
    /// since answers <see cref="UploadStatus.GrantExpired"/> and stays replaced.
    /// </summary>
    [Alias("put-part")]
    [Repeatable]
    Task<PutPartResult> PutPartAsync(PutPart part, CancellationToken cancellationToken);

    /// <summary>
    /// Marks the upload aborted, then its parts go to reclaim. Safe to repeat: an aborted upload answers the same, a
    /// completed one answers <see cref="UploadStatus.NoSuchUpload"/>.
    /// </summary>
    [Alias("abort")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<UploadStatus> AbortAsync(
        BucketId bucketId, [Immutable] ReadOnlyMemory<byte> key, CancellationToken cancellationToken);
}

/// <summary>A new upload.</summary>
[GenerateSerializer, Immutable, Alias("vault.create-upload")]
public sealed record CreateUpload
{
    /// <summary>The bucket, as resolved for this request.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>The bucket's configuration version the caller decided under.</summary>
    [Id(1)] public required long ConfigVersion { get; init; }

    /// <summary>The key's UTF-8 bytes.</summary>
    [Id(2)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Number of the bucket key that sealed the box.</summary>
    [Id(3)] public required int KeyNo { get; init; }

    /// <summary>Root, headers, metadata and checksum kind, sealed.</summary>
    [Id(4)] public required ReadOnlyMemory<byte> UploadBox { get; init; }
}

/// <summary>A part's bytes, stored.</summary>
[GenerateSerializer, Immutable, Alias("vault.put-part")]
public sealed record PutPart
{
    /// <summary>The bucket the caller addressed; must be the upload's.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>The key the caller addressed; must be the upload's.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>1 to 10,000.</summary>
    [Id(2)] public required int PartNumber { get; init; }

    /// <summary>Plaintext bytes.</summary>
    [Id(3)] public required long Size { get; init; }

    /// <summary>Number of the bucket key that sealed the box.</summary>
    [Id(4)] public required int KeyNo { get; init; }

    /// <summary>MD5 and checksums of the part, sealed.</summary>
    [Id(5)] public required ReadOnlyMemory<byte> PartBox { get; init; }

    /// <summary>Always on the volumes (never inline); an empty part has an object id and an empty manifest.</summary>
    [Id(6)] public required ObjectBody Body { get; init; }
}

/// <summary>How a call on an upload ended.</summary>
[GenerateSerializer, Alias("vault.upload-status")]
public enum UploadStatus
{
    /// <summary>Durable.</summary>
    Ok = 0,

    /// <summary>404: no such open upload of this bucket and key.</summary>
    NoSuchUpload = 1,

    /// <summary>404: the bucket is gone.</summary>
    BucketGone = 2,

    /// <summary>The bucket's settings changed: resolve again.</summary>
    BucketChanged = 3,

    /// <summary>The part was stored too long ago to be committed.</summary>
    GrantExpired = 4,

    /// <summary>403: the project's quota is used up.</summary>
    QuotaExceeded = 5,
}

/// <summary>The outcome of a part.</summary>
[GenerateSerializer, Immutable, Alias("vault.put-part-result")]
public sealed record PutPartResult
{
    /// <summary>How it ended.</summary>
    [Id(0)] public required UploadStatus Status { get; init; }

    /// <summary>Time of the part, Unix milliseconds.</summary>
    [Id(1)] public long ModifiedMs { get; init; }
}
