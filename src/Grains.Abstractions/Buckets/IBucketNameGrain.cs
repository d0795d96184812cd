using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Buckets;

/// <summary>The single writer of one cluster-unique bucket name (decisions §1.6). Key: the name.</summary>
[Alias("vault.bucket-name"), GrainInterfaceType("vault.bucket-name")]
public interface IBucketNameGrain : IGrainWithStringKey
{
    /// <summary>
    /// Claims the name and makes the bucket; the owner's second call answers
    /// <see cref="CreateBucketStatus.AlreadyOwnedByYou"/>. Not safe to repeat: a bucket that was deleted in between
    /// would be made again.
    /// </summary>
    [Alias("create")]
    Task<CreateBucketResult> CreateAsync(CreateBucket create, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the bucket when it belongs to the project and holds neither keys nor open uploads (one transaction). Not
    /// safe to repeat: an empty bucket that was made under the name in between would be deleted as well, and otherwise
    /// the answer is <see cref="DeleteBucketStatus.NoSuchBucket"/>.
    /// </summary>
    [Alias("delete")]
    Task<DeleteBucketStatus> DeleteAsync(ProjectId projectId, CancellationToken cancellationToken);
}

/// <summary>A new bucket.</summary>
[GenerateSerializer, Immutable, Alias("vault.create-bucket")]
public sealed record CreateBucket
{
    /// <summary>The owner.</summary>
    [Id(0)] public required ProjectId ProjectId { get; init; }

    /// <summary>Drawn by the caller.</summary>
    [Id(1)] public required BucketId BucketId { get; init; }

    /// <summary>Region as the client named it; empty means us-east-1.</summary>
    [Id(2)] public required string Region { get; init; }

    /// <summary>Bucket key number 1, sealed to the owner project's public key.</summary>
    [Id(3)] public required ReadOnlyMemory<byte> OwnerKeyBox { get; init; }
}

/// <summary>How CreateBucket ended.</summary>
[GenerateSerializer, Alias("vault.create-bucket-status")]
public enum CreateBucketStatus
{
    /// <summary>Made and durable.</summary>
    Created = 0,

    /// <summary>409 (or 200 in us-east-1): the project has it already.</summary>
    AlreadyOwnedByYou = 1,

    /// <summary>409: another project has the name.</summary>
    AlreadyExists = 2,

    /// <summary>400: the project's bucket limit is reached.</summary>
    TooManyBuckets = 3,

    /// <summary>403: the project is not active.</summary>
    ProjectNotActive = 4,
}

/// <summary>The outcome of CreateBucket.</summary>
[GenerateSerializer, Immutable, Alias("vault.create-bucket-result")]
public sealed record CreateBucketResult
{
    /// <summary>How it ended.</summary>
    [Id(0)] public required CreateBucketStatus Status { get; init; }

    /// <summary>The bucket, when the caller owns it.</summary>
    [Id(1)] public BucketView? Bucket { get; init; }
}

/// <summary>How DeleteBucket ended.</summary>
[GenerateSerializer, Alias("vault.delete-bucket-status")]
public enum DeleteBucketStatus
{
    /// <summary>Gone; the name is free.</summary>
    Deleted = 0,

    /// <summary>404.</summary>
    NoSuchBucket = 1,

    /// <summary>403: another project's.</summary>
    NotYours = 2,

    /// <summary>409: keys or open uploads are left.</summary>
    NotEmpty = 3,
}
