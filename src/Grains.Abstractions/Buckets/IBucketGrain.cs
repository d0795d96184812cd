namespace Vault.Grains.Abstractions.Buckets;

/// <summary>The single writer of one bucket's settings and keys. Key: bucket id, 32 hex.</summary>
[Alias("vault.bucket")]
public interface IBucketGrain : IGrainWithStringKey
{
    /// <summary>Makes <paramref name="keyNo"/> the key new heads are sealed with; <paramref name="ownerBox"/> is it, sealed to the owner.
    /// <paramref name="keyNo"/> must be the current number + 1, else nothing changes and false is returned: read again. Safe to repeat.</summary>
    [Alias("rotate-key")]
    Task<bool> RotateKeyAsync(int keyNo, ReadOnlyMemory<byte> ownerBox, CancellationToken cancellationToken);

    /// <summary>Objects and stored bytes of the bucket, from the counters that the index commits keep.</summary>
    [Alias("usage")]
    Task<BucketUsage> ReadUsageAsync(CancellationToken cancellationToken);
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
