using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Vault.Events.Limits;
using Vault.Protocol.Limits;

namespace Vault.ControlPlane.Http;

/// <summary>
/// How often an address may fail to prove itself; and, where it is configured, how often a project and an address
/// without credentials may call. Memory is fixed; processes with a Redis count together. Null is yes; a refusal
/// says when to come again.
/// </summary>
internal sealed class ControlLimits(IOptions<ControlPlaneOptions> options, RateLimits limits)
{
    private readonly SharedRates _failures = limits.Of("control-failures");
    private readonly SharedRates _anonymous = limits.Of("control-anonymous");
    private readonly SharedRates _projects = limits.Of("control-project");

    /// <summary>Asked before anything is proven: who has failed too often learns nothing more for a while.</summary>
    public Problem? Proof(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit
        && _failures.IsSpent(address, Rate.PerMinute(limit), out var retryAfter)
            ? Problem.RateLimited("Too many calls from this address failed to prove themselves.", retryAfter)
            : null;

    /// <summary>Counts one failure.</summary>
    public void Failed(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address
            && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit)
        {
            _failures.TryTake(address, Rate.PerMinute(limit), out _);
        }
    }

    /// <summary>Says that the call's credentials are a session of the dashboard.</summary>
    public static void HasSession(HttpContext context) => context.Items[typeof(ControlLimits)] = true;

    /// <summary>Counts a call that carries no credentials at all.</summary>
    public Problem? Anonymous(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && options.Value.AnonymousCallsPerMinute is > 0 and var limit
        && context.Request.Headers.Authorization.Count == 0
        && context.Request.Headers[ControlAuthentication.InternalHeader].Count == 0
        && !context.Items.ContainsKey(typeof(ControlLimits))
        && !_anonymous.TryTake(address, Rate.PerMinute(limit), out var retryAfter)
            ? TooMany(retryAfter)
            : null;

    /// <summary>Counts a proven call of a project.</summary>
    public Problem? Project(string projectId) =>
        options.Value.ProjectCallsPerSecond is > 0 and var limit
        && !_projects.TryTake(projectId, Rate.PerSecond(limit), out var retryAfter)
            ? TooMany(retryAfter)
            : null;

    private static Problem TooMany(TimeSpan retryAfter) => Problem.RateLimited("Too many calls.", retryAfter);
}
