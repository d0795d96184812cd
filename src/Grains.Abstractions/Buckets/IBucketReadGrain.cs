using System.Collections.Immutable;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Buckets;

/// <summary>Combined strong reads of buckets. Stateless worker, key 0. All methods are reads.</summary>
[Alias("vault.bucket-read"), GrainInterfaceType("vault.bucket-read")]
public interface IBucketReadGrain : IGrainWithIntegerKey
{
    /// <summary>The live bucket of this name, or null. A read: repeat at will.</summary>
    [Alias("resolve")]
    [Repeatable]
    Task<BucketView?> ResolveAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// A project's buckets by name, ascending, after <paramref name="after"/>, starting with <paramref name="prefix"/>;
    /// at most <paramref name="limit"/> (≤ 10,000). A read: repeat at will.
    /// </summary>
    [Alias("list")]
    [Repeatable]
    Task<ImmutableArray<BucketView>> ListAsync(
        ProjectId projectId, string prefix, string after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The bucket key of this number as sealed for a project; null when the project has no box. A box never changes:
    /// callers may cache it. A read: repeat at will.
    /// </summary>
    [Alias("key-box")]
    [Repeatable]
    Task<ReadOnlyMemory<byte>?> ReadKeyBoxAsync(
        BucketId bucketId, int keyNo, ProjectId grantee, CancellationToken cancellationToken);
}

/// <summary>A live bucket, as of the statement that read it; never cached across requests.</summary>
[GenerateSerializer, Immutable, Alias("vault.bucket-view")]
public sealed record BucketView
{
    /// <summary>The bucket's identity; a deleted and re-created name has another.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The owner.</summary>
    [Id(2)] public required ProjectId ProjectId { get; init; }

    /// <summary>Grows with every change of settings; commits are conditional on it.</summary>
    [Id(3)] public required long ConfigVersion { get; init; }

    /// <summary>Number of index partitions, fixed at creation, 1 to 256.</summary>
    [Id(4)] public required int Partitions { get; init; }

    /// <summary>Number of the bucket key new heads are sealed with.</summary>
    [Id(5)] public required int KeyNo { get; init; }

    /// <summary>Region given at creation; empty means us-east-1.</summary>
    [Id(6)] public required string Region { get; init; }

    /// <summary>Creation time, Unix milliseconds.</summary>
    [Id(7)] public required long CreatedMs { get; init; }
}
