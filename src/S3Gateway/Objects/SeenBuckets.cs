using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Vault.Grains.Abstractions.Buckets;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Buckets as this process last saw them, by name. Nothing may be answered from here: it only spares a write the read
/// that its commit repeats. The commit holds that the bucket lives and has the same settings; when it doesn't, the
/// bucket is forgotten and the write decided again on a fresh read (docs/adr/0004).
/// </summary>
internal sealed class SeenBuckets
{
    private const int MaxBuckets = 4096;

    private readonly ConcurrentDictionary<string, BucketView> buckets = new(StringComparer.Ordinal);

    public bool TryGet(string name, [NotNullWhen(true)] out BucketView? bucket) =>
        buckets.TryGetValue(name, out bucket);

    public void Remember(BucketView bucket)
    {
        if (buckets.TryGetValue(bucket.Name, out var seen) && seen.ConfigVersion == bucket.ConfigVersion
            && seen.BucketId == bucket.BucketId)
            return;
        if (buckets.Count >= MaxBuckets)
            buckets.Clear();
        buckets[bucket.Name] = bucket;
    }

    public void Forget(BucketView bucket) => buckets.TryRemove(new(bucket.Name, bucket));
}
