using System.Net;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Limits;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// How often an address may fail to prove itself, so that guessing costs the guesser; and, where it is configured, how
/// often a project and an address without a signature may ask. Memory is fixed.
/// </summary>
internal sealed class CallerLimits(TimeProvider time, IOptions<S3Options> options)
{
    private readonly RateTable failures = new();
    private readonly RateTable anonymous = new();
    private readonly RateTable projects = new();
    private readonly long began = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(began);

    /// <summary>True when the address has failed too often of late.</summary>
    public bool HasFailedTooOften(IPAddress? address) =>
        address is not null && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit
        && failures.IsSpent(failures.SlotOf(address), Rate.PerMinute(limit), Now, out _);

    /// <summary>Counts one failure.</summary>
    public void Failed(IPAddress? address)
    {
        if (address is not null && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit)
            failures.TryTake(failures.SlotOf(address), Rate.PerMinute(limit), Now, out _);
    }

    /// <summary>Counts a request without a signature; false when the address has sent too many.</summary>
    public bool AllowsUnsigned(IPAddress? address) =>
        address is null || options.Value.UnsignedRequestsPerMinute is not (> 0 and var limit)
        || anonymous.TryTake(anonymous.SlotOf(address), Rate.PerMinute(limit), Now, out _);

    /// <summary>Counts a proven request; false when the project has sent too many. Its own quota wins.</summary>
    public bool Allows(ProjectView project)
    {
        var limit = project.Quota.RequestsPerSecond;
        if (limit == 0)
            limit = options.Value.ProjectRequestsPerSecond;
        return limit == 0
            || projects.TryTake(projects.SlotOf(project.ProjectId.Value), Rate.PerSecond(limit), Now, out _);
    }
}
