using System.Collections.Immutable;

namespace Vault.Grains.Abstractions.Buckets;

/// <summary>The single writer of one bucket's settings and keys. Key: bucket id, 32 hex.</summary>
[Alias("vault.bucket"), GrainInterfaceType("vault.bucket")]
public interface IBucketGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes <paramref name="keyNo"/> the key new heads are sealed with; <paramref name="ownerBox"/> is it, sealed to
    /// the owner, <paramref name="holders"/> are it, sealed to those of <see cref="ReadKeyHoldersAsync"/>.
    /// <paramref name="keyNo"/> must be the current number + 1 and no holder may be missing, else nothing changes and
    /// false is returned: read again. Safe to repeat: the same box answers true while its number is the current one,
    /// false once a later one has followed.
    /// </summary>
    [Alias("rotate-key")]
    [Repeatable]
    Task<bool> RotateKeyAsync(
        int keyNo,
        [Immutable] ReadOnlyMemory<byte> ownerBox,
        ImmutableArray<KeyHolderBox> holders,
        CancellationToken cancellationToken);

    /// <summary>
    /// Credentials with a box of this generation, neither revoked nor expired, at most 401. A read: repeat at will.
    /// </summary>
    [Alias("key-holders")]
    [Repeatable]
    Task<ImmutableArray<KeyHolder>> ReadKeyHoldersAsync(int keyNo, CancellationToken cancellationToken);

    /// <summary>
    /// Counts <paramref name="count"/> seals of a generation and answers how many were taken of it so far, 0 when the
    /// bucket is gone. Not safe to repeat: it counts again, and a key is renewed earlier than it had to be.
    /// </summary>
    [Alias("take-seals")]
    Task<long> TakeSealsAsync(int keyNo, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Objects and stored bytes of the bucket, from the counters that the index commits keep. A read: repeat at will.
    /// </summary>
    [Alias("usage")]
    [Repeatable]
    Task<BucketUsage> ReadUsageAsync(CancellationToken cancellationToken);
}

/// <summary>A credential that is limited to buckets and holds a bucket's key.</summary>
[GenerateSerializer, Immutable, Alias("vault.key-holder")]
public sealed record KeyHolder
{
    /// <summary>SHA-256 of the access key's raw bytes.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Lookup { get; init; }

    /// <summary>Its X25519 public key.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> PublicKey { get; init; }
}

/// <summary>A bucket key sealed to a credential.</summary>
[GenerateSerializer, Immutable, Alias("vault.key-holder-box")]
public sealed record KeyHolderBox
{
    /// <summary>Whose.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Lookup { get; init; }

    /// <summary>The sealed box.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Box { get; init; }
}

/// <summary>What a bucket holds.</summary>
[GenerateSerializer, Immutable, Alias("vault.bucket-usage")]
public sealed record BucketUsage
{
    /// <summary>Current versions.</summary>
    [Id(0)] public required long Objects { get; init; }

    /// <summary>Their plaintext bytes.</summary>
    [Id(1)] public required long Bytes { get; init; }
}
