using System.Collections.Immutable;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Objects;

/// <summary>What must hold of the key's current version for a commit to go through.</summary>
[GenerateSerializer, Alias("vault.precondition-kind")]
public enum PreconditionKind
{
    /// <summary>Anything goes.</summary>
    None = 0,

    /// <summary>The key has no current version (<c>If-None-Match: *</c>).</summary>
    Absent = 1,

    /// <summary>The current version has exactly this sequence: the caller compared the ETag of that version.</summary>
    Sequence = 2,
}

/// <summary>Where the bytes of a version are.</summary>
[GenerateSerializer, Immutable, Alias("vault.object-body")]
public sealed record ObjectBody
{
    /// <summary>
    /// Inline objects (≤ 4 KiB of plaintext): object_id(16) ‖ salt(16) ‖ chunk payload (chunk format §2); otherwise
    /// empty. An empty object has neither inline bytes nor an <see cref="ObjectId"/>.
    /// </summary>
    [Id(0)] public ReadOnlyMemory<byte> Inline { get; init; }

    /// <summary>Names the manifest of a body on the volumes.</summary>
    [Id(1)] public ObjectId? ObjectId { get; init; }

    /// <summary>True: the manifest exists and gets one more reference (server-side copy); zero references answer
    /// <see cref="CommitStatus.SourceGone"/>. False: <see cref="Manifest"/> is new.</summary>
    [Id(2)] public bool Shared { get; init; }

    /// <summary>The new manifest's CBOR, ≤ 48 KiB; empty when it went ahead in <see cref="ManifestPages"/> pages
    /// (<see cref="IManifestGrain.StagePageAsync"/>).</summary>
    [Id(3)] public ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>Number of staged pages, 0 when <see cref="Manifest"/> carries all.</summary>
    [Id(4)] public int ManifestPages { get; init; }

    /// <summary>Bytes the body takes on the volumes (all shards).</summary>
    [Id(5)] public long StoredBytes { get; init; }

    /// <summary>Database time of the grant under which the body was stored, Unix milliseconds; 0 for inline bodies.
    /// A commit more than 12 hours later is refused (<see cref="CommitStatus.GrantExpired"/>).</summary>
    [Id(6)] public long GrantedAtMs { get; init; }

    /// <summary>Shards of the new manifest that no host took: the commit queues the body for repair.</summary>
    [Id(7)] public int AbsentShards { get; init; }
}

/// <summary>
/// A new current version of a key. Everything about content is sealed; the clear fields are those of decisions §5.2.
/// </summary>
[GenerateSerializer, Immutable, Alias("vault.put-object")]
public sealed record PutObject
{
    /// <summary>The bucket, as resolved for this request.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>
    /// The bucket's configuration version the caller decided under; another one answers
    /// <see cref="CommitStatus.BucketChanged"/>.
    /// </summary>
    [Id(1)] public required long ConfigVersion { get; init; }

    /// <summary>The key's UTF-8 bytes, 1 to 1,024.</summary>
    [Id(2)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Drawn by the caller; both boxes are bound to it.</summary>
    [Id(3)] public required VersionId VersionId { get; init; }

    /// <summary>Plaintext bytes.</summary>
    [Id(4)] public required long Size { get; init; }

    /// <summary>Number of the bucket key that sealed the boxes.</summary>
    [Id(5)] public required int KeyNo { get; init; }

    /// <summary>ETag and checksum kind, sealed: what listings need.</summary>
    [Id(6)] public required ReadOnlyMemory<byte> ListBox { get; init; }

    /// <summary>Everything else about the version, sealed.</summary>
    [Id(7)] public required ReadOnlyMemory<byte> HeadBox { get; init; }

    /// <summary>Where the bytes are.</summary>
    [Id(8)] public required ObjectBody Body { get; init; }

    /// <summary>What must hold of the current version.</summary>
    [Id(9)] public PreconditionKind Precondition { get; init; }

    /// <summary>The sequence for <see cref="PreconditionKind.Sequence"/>.</summary>
    [Id(10)] public long ExpectedSequence { get; init; }
}

/// <summary>Removes the current version of a key.</summary>
[GenerateSerializer, Immutable, Alias("vault.delete-object")]
public sealed record DeleteObject
{
    /// <summary>The bucket, as resolved for this request.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>The bucket's configuration version the caller decided under.</summary>
    [Id(1)] public required long ConfigVersion { get; init; }

    /// <summary>The key's UTF-8 bytes.</summary>
    [Id(2)] public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>
    /// What must hold of the current version (<see cref="PreconditionKind.Absent"/> is not used here).
    /// </summary>
    [Id(3)] public PreconditionKind Precondition { get; init; }

    /// <summary>The sequence for <see cref="PreconditionKind.Sequence"/>.</summary>
    [Id(4)] public long ExpectedSequence { get; init; }

    /// <summary>Drawn by the caller for this change, and kept when the call is repeated.</summary>
    [Id(5)] public required Guid OperationId { get; init; }
}

/// <summary>Completes a multipart upload.</summary>
[GenerateSerializer, Immutable, Alias("vault.complete-upload")]
public sealed record CompleteUpload
{
    /// <summary>The upload; its key must be <see cref="PutObject.Key"/> of <see cref="Head"/>.</summary>
    [Id(0)] public required UploadId UploadId { get; init; }

    /// <summary>
    /// The upload's parts version the caller read; another one answers <see cref="CommitStatus.PartsChanged"/>.
    /// </summary>
    [Id(1)] public required long PartsVersion { get; init; }

    /// <summary>The chosen part numbers, ascending, 1 to 10,000 of them. Parts not chosen are reclaimed.</summary>
    [Id(2)] public required ImmutableArray<int> PartNumbers { get; init; }

    /// <summary>
    /// The new version. Its body's <see cref="ObjectBody.ObjectId"/> names the composite manifest, which the grain
    /// writes itself from the chosen parts' rows; <see cref="ObjectBody.Manifest"/> stays empty.
    /// </summary>
    [Id(3)] public required PutObject Head { get; init; }

    /// <summary>Sealed answer that a repeated Complete gets back.</summary>
    [Id(4)] public required ReadOnlyMemory<byte> ResultBox { get; init; }
}

/// <summary>How a commit ended.</summary>
[GenerateSerializer, Alias("vault.commit-status")]
public enum CommitStatus
{
    /// <summary>Durable and visible.</summary>
    Ok = 0,

    /// <summary>412: <see cref="PreconditionKind.Absent"/> was asked and the key exists.</summary>
    PreconditionFailed = 1,

    /// <summary>
    /// The expected sequence is not the current one any more: read again (at most three times, then 409).
    /// </summary>
    Moved = 2,

    /// <summary>404: an expected sequence, but the key has no current version.</summary>
    NoSuchKey = 3,

    /// <summary>404: the bucket is deleted or being deleted.</summary>
    BucketGone = 4,

    /// <summary>The bucket's settings changed since they were read: resolve and decide again.</summary>
    BucketChanged = 5,

    /// <summary>The copy's source lost its last reference: read the source again.</summary>
    SourceGone = 6,

    /// <summary>The body was stored too long ago to be committed.</summary>
    GrantExpired = 7,

    /// <summary>404: no such open upload.</summary>
    UploadGone = 8,

    /// <summary>A part was uploaded since the parts were read: read again.</summary>
    PartsChanged = 9,

    /// <summary>
    /// The upload was completed before; <see cref="CommitResult.ResultBox"/> holds the answer given then.
    /// </summary>
    AlreadyCompleted = 10,

    /// <summary>403: the project's quota is used up.</summary>
    QuotaExceeded = 11,
}

/// <summary>The outcome of one commit.</summary>
[GenerateSerializer, Immutable, Alias("vault.commit-result")]
public sealed record CommitResult
{
    /// <summary>How it ended.</summary>
    [Id(0)] public required CommitStatus Status { get; init; }

    /// <summary>The new version's per-key sequence.</summary>
    [Id(1)] public long Sequence { get; init; }

    /// <summary>Last-Modified of the new version, Unix milliseconds.</summary>
    [Id(2)] public long ModifiedMs { get; init; }

    /// <summary>For <see cref="CommitStatus.AlreadyCompleted"/>: the stored sealed answer.</summary>
    [Id(3)] public ReadOnlyMemory<byte> ResultBox { get; init; }

    /// <summary>For <see cref="CommitStatus.AlreadyCompleted"/>: number of the bucket key that sealed it.</summary>
    [Id(4)] public int ResultKeyNo { get; init; }
}
