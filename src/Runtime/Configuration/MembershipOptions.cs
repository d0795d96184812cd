using System.ComponentModel.DataAnnotations;

namespace Vault.Runtime;

/// <summary>A silo's part in a cluster, and the times of membership, which are the same on all its silos.</summary>
public sealed class MembershipOptions
{
    /// <summary>Its share of grains relative to others'.</summary>
    [Range(1, 1000)]
    public int Weight { get; set; } = 1;

    /// <summary>
    /// A random name of this process, by which a supervisor that has reaped it can end its lease; made up when not set.
    /// </summary>
    public string? Process { get; set; }

    /// <summary>Time between renewals.</summary>
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a silo serves after it sent its last successful renewal.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>For how long another must have read unchanged renewals; longer than the lease.</summary>
    public TimeSpan RemoveAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Time between readings of the tables.</summary>
    public TimeSpan PollEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time between views.</summary>
    public TimeSpan ViewSpacing { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After which time a silo that has not acknowledged a view renews no more.</summary>
    public TimeSpan AcknowledgeWithin { get; set; } = TimeSpan.FromSeconds(2);
}
