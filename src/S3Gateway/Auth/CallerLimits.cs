using System.Net;
using Microsoft.Extensions.Options;
using Vault.Events.Limits;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Limits;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// How often an address may fail to prove itself, so that guessing costs the guesser; and, where it is configured, how
/// often a project and an address without a signature may ask. Memory is fixed; gateways with a Redis count together.
/// </summary>
internal sealed class CallerLimits(RateLimits limits, IOptions<S3Options> options)
{
    private readonly SharedRates failures = limits.Of("s3-failures");
    private readonly SharedRates anonymous = limits.Of("s3-unsigned");
    private readonly SharedRates projects = limits.Of("s3-project");

    /// <summary>True when the address has failed too often of late.</summary>
    public bool HasFailedTooOften(IPAddress? address) =>
        address is not null && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit
        && failures.IsSpent(address, Rate.PerMinute(limit), out _);

    /// <summary>Counts one failure.</summary>
    public void Failed(IPAddress? address)
    {
        if (address is not null && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit)
            failures.TryTake(address, Rate.PerMinute(limit), out _);
    }

    /// <summary>Counts a request without a signature; false when the address has sent too many.</summary>
    public bool AllowsUnsigned(IPAddress? address) =>
        address is null || options.Value.UnsignedRequestsPerMinute is not (> 0 and var limit)
        || anonymous.TryTake(address, Rate.PerMinute(limit), out _);

    /// <summary>Counts a proven request; false when the project has sent too many. Its own quota wins.</summary>
    public bool Allows(ProjectView project)
    {
        var limit = project.Quota.RequestsPerSecond;
        if (limit == 0)
            limit = options.Value.ProjectRequestsPerSecond;
        return limit == 0 || projects.TryTake(project.ProjectId.Value, Rate.PerSecond(limit), out _);
    }
}
