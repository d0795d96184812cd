using Vault.Grains.Abstractions.Buckets;

namespace Vault.S3Gateway.Buckets;

/// <summary>Regions of buckets: one created without a region is in the gateway's own.</summary>
internal static class BucketRegion
{
    /// <summary>The region whose buckets have an empty location constraint.</summary>
    public const string Classic = "us-east-1";

    /// <summary>The region's name.</summary>
    public static string Of(BucketView bucket, S3Options options) =>
        bucket.Region.Length == 0 ? options.Region : bucket.Region;
}
