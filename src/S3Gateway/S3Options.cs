using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vault.S3Gateway;

/// <summary>The S3 front door; configuration section <c>S3</c>.</summary>
public sealed class S3Options
{
    /// <summary>
    /// Domains whose subdomains are bucket names (virtual-host style), such as <c>s3.example.org</c>.
    /// </summary>
    public IList<string> Domains { get; set; } = [];

    /// <summary>Region of buckets that were created without one.</summary>
    [RegularExpression("^[a-z0-9-]{1,32}$")]
    public string Region { get; set; } = "us-east-1";

    /// <summary>When true, signatures scoped to a region other than <see cref="Region"/> are refused.</summary>
    public bool StrictRegion { get; set; }

    /// <summary>Largest allowed difference between a request's time and ours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxSkew { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a sealed credential record is used before it is read again: the bound on revocation.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CredentialCache { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long unsealed keys stay in memory after their last use.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan UnsealedCache { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Failed authentications from one address in a minute before the rest are answered 503; 0 means no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int FailedAuthenticationsPerMinute { get; set; } = 600;

    /// <summary>Requests without a signature from one address in a minute; 0 means no limit.</summary>
    [Range(0, 1_000_000)]
    public int UnsignedRequestsPerMinute { get; set; }

    /// <summary>Requests of a project in a second, where its quota says nothing; 0 means no limit.</summary>
    [Range(0, 1_000_000)]
    public int ProjectRequestsPerSecond { get; set; }

    /// <summary>Boxes sealed under one generation of a bucket's key before the next is drawn.</summary>
    [Range(1, 1 << 30)]
    public int SealsPerBucketKey { get; set; } = 1 << 30;

    /// <summary>Bytes of names and values of a request's headers.</summary>
    [Range(8 << 10, 1 << 20)]
    public int MaxHeaderBytes { get; set; } = 24 << 10;

    /// <summary>Bytes of a request document (DeleteObjects, CompleteMultipartUpload, …).</summary>
    [Range(64 << 10, 64 << 20)]
    public int MaxDocumentBytes { get; set; } = 4 << 20;

    /// <summary>Bytes of one PutObject or part.</summary>
    [Range(1L << 20, 5L << 30)]
    public long MaxUploadBytes { get; set; } = 5L << 30;

    /// <summary>Bytes of manifests kept in memory.</summary>
    [Range(0, 1 << 30)]
    public long ManifestCacheBytes { get; set; } = 32 << 20;

    /// <summary>
    /// Addresses or blocks (<c>10.0.0.0/8</c>) of proxies whose X-Forwarded-For and -Proto are believed.
    /// </summary>
    public IList<string> TrustedProxies { get; set; } = [];

    /// <summary>
    /// Where the access log goes, one JSON line per request: <c>-</c> for standard error, a file's path, or <c>off</c>.
    /// </summary>
    public string AccessLog { get; set; } = "-";
}

[OptionsValidator]
internal sealed partial class S3OptionsValidator : IValidateOptions<S3Options>;
