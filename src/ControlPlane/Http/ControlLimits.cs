using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Vault.Protocol.Limits;

namespace Vault.ControlPlane.Http;

/// <summary>
/// How often an address may fail to prove itself; and, where it is configured, how often a project and an address
/// without credentials may call. Memory is fixed. Null is yes; a refusal says when to come again.
/// </summary>
internal sealed class ControlLimits(IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly RateTable _failures = new();
    private readonly RateTable _anonymous = new();
    private readonly RateTable _projects = new();
    private readonly long _began = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>Asked before anything is proven: who has failed too often learns nothing more for a while.</summary>
    public Problem? Proof(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit
        && _failures.IsSpent(_failures.SlotOf(address), Rate.PerMinute(limit), Now, out var retryAfter)
            ? Problem.RateLimited("Too many calls from this address failed to prove themselves.", retryAfter)
            : null;

    /// <summary>Counts one failure.</summary>
    public void Failed(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address
            && options.Value.FailedAuthenticationsPerMinute is > 0 and var limit)
        {
            _failures.TryTake(_failures.SlotOf(address), Rate.PerMinute(limit), Now, out _);
        }
    }

    /// <summary>Counts a call that carries no credentials at all.</summary>
    public Problem? Anonymous(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && options.Value.AnonymousCallsPerMinute is > 0 and var limit
        && context.Request.Headers.Authorization.Count == 0
        && context.Request.Headers[ControlAuthentication.InternalHeader].Count == 0
            ? Take(_anonymous, _anonymous.SlotOf(address), Rate.PerMinute(limit))
            : null;

    /// <summary>Counts a proven call of a project.</summary>
    public Problem? Project(string projectId) =>
        options.Value.ProjectCallsPerSecond is > 0 and var limit
            ? Take(_projects, _projects.SlotOf(projectId), Rate.PerSecond(limit))
            : null;

    private Problem? Take(RateTable table, int slot, Rate rate) => table.TryTake(slot, rate, Now, out var retryAfter)
        ? null
        : Problem.RateLimited("Too many calls.", retryAfter);
}
