using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Http;

/// <summary>Who calls: a bearer macaroon, proven and not revoked, or the internal token.</summary>
internal sealed class ControlAuthentication(
    CapabilityVerifier verifier,
    IGrainFactory grains,
    ControlLimits limits,
    IOptions<ControlPlaneOptions> options,
    TimeProvider time)
{
    /// <summary>
    /// Revocations of tokens without a project (the operator's and tenants') are kept under this id, which no project
    /// has.
    /// </summary>
    public const string ClusterRevocations = "prj_00000000000000000000";

    /// <summary>Carries the internal token.</summary>
    public const string InternalHeader = "x-internal-token";

    /// <summary>The capability, or the refusal.</summary>
    public async Task<(VerifiedCapability? Capability, Problem? Problem)> BearerAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return (null, Problem.Unauthenticated("Send a macaroon: Authorization: Bearer …"));
        }

        return await ProveAsync(context, header["Bearer ".Length..].Trim());
    }

    /// <summary>The capability of a macaroon that the request carries, or the refusal.</summary>
    public async Task<(VerifiedCapability? Capability, Problem? Problem)> ProveAsync(
        HttpContext context, string macaroon)
    {
        if (limits.Proof(context) is { } slowDown) return (null, slowDown);
        var outcome = verifier.Verify(macaroon, out var capability);
        if (outcome != CapabilityOutcome.Ok)
        {
            limits.Failed(context);
            return (null, Problem.Unauthenticated($"The token was refused: {Explain(outcome)}"));
        }

        if (await IsRevokedAsync(capability!, context.RequestAborted))
        {
            limits.Failed(context);
            return (null, Problem.Unauthenticated("The token was revoked."));
        }

        return capability!.ProjectId is { } project && limits.Project(project) is { } tooMany
            ? (null, tooMany)
            : (capability, null);
    }

    /// <summary>True when the token or anything it was derived from is revoked.</summary>
    public async Task<bool> IsRevokedAsync(VerifiedCapability capability, CancellationToken cancellationToken)
    {
        var tails = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(capability.TailCount);
        for (var i = 0; i < capability.TailCount; i++) tails.Add(capability.Tail(i));
        return await grains.GetGrain<IProjectGrain>(capability.ProjectId ?? ClusterRevocations)
            .AnyRevokedAsync(tails.MoveToImmutable(), cancellationToken);
    }

    /// <summary>
    /// Null when the capability allows the operation on this tenant and project; an operation on neither is the
    /// operator's.
    /// </summary>
    public Problem? Allow(
        VerifiedCapability capability, HttpContext context, CapabilityOperations operation, string? tenant,
        string? project)
    {
        var denial = capability.Check(new CaveatContext
        {
            Operation = operation,
            Now = time.GetUtcNow(),
            Method = CredentialMethod.Bearer,
            TenantId = tenant,
            ProjectId = project,
            PeerAddress = context.Connection.RemoteIpAddress,
        });
        return denial == CaveatDenial.None ? null : Problem.CaveatFailed(Explain(denial));
    }

    /// <summary>Bearer and <see cref="Allow"/> in one.</summary>
    public async Task<(VerifiedCapability? Capability, Problem? Problem)> RequireAsync(
        HttpContext context, CapabilityOperations operation, string? tenant, string? project)
    {
        var (capability, problem) = await BearerAsync(context);
        if (capability is null) return (null, problem);
        return Allow(capability, context, operation, tenant, project) is { } denied
            ? (null, denied)
            : (capability, null);
    }

    /// <summary>Null when the request carries the internal token.</summary>
    public Problem? RequireInternal(HttpContext context)
    {
        if (options.Value.InternalToken is not { } expected)
        {
            return Problem.Unauthenticated("Internal calls are off: set INTERNAL_API_TOKEN on the server.");
        }

        if (limits.Proof(context) is { } slowDown) return slowDown;
        var given = context.Request.Headers[InternalHeader].ToString();
        if (CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected))))
        {
            return null;
        }

        if (given.Length > 0) limits.Failed(context);
        return Problem.Unauthenticated("Send the cluster's x-internal-token.");
    }

    internal static string Explain(CaveatDenial denial) => denial switch
    {
        CaveatDenial.Project => "it is for another project",
        CaveatDenial.Tenant => "it is for another tenant, or this call is the operator's",
        CaveatDenial.Operation => "its ops caveat does not allow this",
        CaveatDenial.NotYetValid => "it is not valid yet",
        CaveatDenial.Expired => "it has expired",
        CaveatDenial.Address => "its ip caveat excludes this address",
        CaveatDenial.Method => "its method caveat excludes bearer tokens",
        _ => $"its {denial.ToString().ToLowerInvariant()} caveat does not hold",
    };

    private static string Explain(CapabilityOutcome outcome) => outcome switch
    {
        CapabilityOutcome.Malformed => "it cannot be read.",
        CapabilityOutcome.UnknownKey => "another cluster made it, or its key is retired.",
        CapabilityOutcome.UnknownCaveat => "a caveat is unknown or contradicts another.",
        CapabilityOutcome.MissingDischarge => "a third-party caveat has no discharge.",
        _ => "its signature is wrong.",
    };
}
