using System.Collections.Concurrent;
using System.Globalization;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;

namespace Vault.S3Gateway.Objects;

/// <summary>References to the index grains of buckets: a reference is only a name, so it may be kept.</summary>
internal sealed class IndexGrains(IGrainFactory grains)
{
    private const int MaxBuckets = 4096;
    private readonly ConcurrentDictionary<BucketId, IObjectIndexGrain[]> buckets = new();

    /// <summary>The single writer of a key.</summary>
    public IObjectIndexGrain Of(BucketView bucket, ObjectKey key) => Of(bucket, key.Partition(bucket.Partitions));

    /// <summary>The single writer of a partition.</summary>
    public IObjectIndexGrain Of(BucketView bucket, int partition)
    {
        if (buckets.TryGetValue(bucket.BucketId, out var known) && known.Length == bucket.Partitions)
            return known[partition];
        if (buckets.Count >= MaxBuckets)
            buckets.Clear();
        var made = new IObjectIndexGrain[bucket.Partitions];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = grains.GetGrain<IObjectIndexGrain>(
                string.Create(CultureInfo.InvariantCulture, $"{bucket.BucketId}/{i:x2}"));
        }

        buckets[bucket.BucketId] = made;
        return made[partition];
    }
}
