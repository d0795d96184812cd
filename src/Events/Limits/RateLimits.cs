namespace Vault.Events.Limits;

/// <summary>Makes the limits of this process, shared with others where Redis is configured.</summary>
public sealed class RateLimits
{
    private readonly TimeProvider time;
    private readonly RateReports? reports;

    /// <summary>Limits that count in this process only.</summary>
    public RateLimits(TimeProvider time)
        : this(time, null)
    {
    }

    internal RateLimits(TimeProvider time, RateReports? reports) => (this.time, this.reports) = (time, reports);

    /// <summary>Limits of a kind; processes that say the same kind count together.</summary>
    public SharedRates Of(string kind) => new(kind, reports, time);
}
