using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Vault.ControlPlane.Accounts;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Tokens;

/// <summary><c>/v1/tokens</c>: macaroons for the control plane and, later, for bearer access.</summary>
internal static class TokenEndpoints
{
    private const long MaxTtlSeconds = 31_536_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tokens/macaroon", MintAsync).Accepts<MintRequest>("application/json").Produces<MintAnswer>(201);
        routes.MapPost("/v1/tokens/verify", VerifyAsync).Accepts<VerifyRequest>("application/json").Produces<VerifyAnswer>();
        routes.MapPost("/v1/tokens/revoke", RevokeAsync).Accepts<RevokeTokenRequest>("application/json").Produces<DoneAnswer>();
    }

    /// <summary>The new token is the caller's own plus caveats, so it can never allow more.</summary>
    private static async Task<IResult> MintAsync(HttpContext context, ControlAuthentication authentication, Idempotency idempotency, IGrainFactory grains, TimeProvider time)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        var scope = capability.ProjectId ?? capability.TenantId ?? "operator";
        return await idempotency.RunAsync(context, scope, secret: true, ControlJson.Default.MintRequest, async (body, ct) =>
        {
            string? tenant = null;
            if (body.ProjectId is { } wanted)
            {
                var project = ProjectId.TryParse(wanted, out _) ? await grains.GetGrain<IProjectGrain>(wanted).ReadAsync(ct) : null;
                tenant = project?.TenantId.Value;
                if (authentication.Allow(capability, context, CapabilityOperations.Mint, tenant, wanted) is { } denied) return denied;
                if (project is null) return Problem.NotFound("There is no such project.");
            }
            else if (authentication.Allow(capability, context, CapabilityOperations.Mint, capability.TenantId, capability.ProjectId) is { } denied)
            {
                return denied;
            }

            var ttl = body.TtlSeconds ?? 3600;
            if (ttl is < 60 or > MaxTtlSeconds) return Problem.BadRequest($"ttl_seconds: 60 to {MaxTtlSeconds}");
            var expires = time.GetUtcNow().AddSeconds(ttl);
            var (caveats, fault) = Caveats(body, expires, tenant, capability);
            if (fault is not null) return fault;
            var header = context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
            if (!Macaroon.TryParse(header, out var token))
            {
                return Problem.BadRequest("A token with discharges cannot be derived from here: append caveats to its root yourself.");
            }

            try
            {
                foreach (var caveat in caveats) token = token!.WithCaveat(caveat);
            }
            catch (ArgumentException e)
            {
                return Problem.BadRequest(e.Message);
            }

            var answer = new MintAnswer(
                true, token!.ToText(), Convert.ToHexStringLower(token.Identifier.Span), [.. token.Caveats.Select(c => Encoding.UTF8.GetString(c.Id.Span))], expires);
            return new JsonResult<MintAnswer>(201, answer, ControlJson.Default.MintAnswer);
        });
    }

    private static (List<string> Caveats, Problem? Fault) Caveats(MintRequest body, DateTimeOffset expires, string? tenant, VerifiedCapability parent)
    {
        var caveats = new List<string> { $"nonce = {RandomNumberGenerator.GetHexString(16, lowercase: true)}", Caveat.NotAfter(expires) };
        if (tenant is not null && parent.TenantId is null) caveats.Add(Caveat.Tenant(tenant));
        if (body.ProjectId is not null && parent.ProjectId is null) caveats.Add(Caveat.Project(body.ProjectId));
        if (body.Buckets is { Count: > 0 }) caveats.Add(Caveat.Buckets(body.Buckets));
        else if (body.Bucket is not null and not "*") caveats.Add(Caveat.Buckets(body.Bucket));
        if (!string.IsNullOrEmpty(body.Prefix)) caveats.Add(Caveat.Prefixes(body.Prefix));
        if (body.NotBefore is { } from) caveats.Add(Caveat.NotBefore(from));
        if (body.IpCidr is not null and not "*") caveats.Add($"ip = {body.IpCidr}");
        if (body.MaxSize is > 0) caveats.Add($"max-size = {body.MaxSize}");
        if (!string.IsNullOrEmpty(body.Label)) caveats.Add($"label = {body.Label}");
        if (body.Ops is { Count: > 0 })
        {
            var operations = CapabilityOperations.None;
            foreach (var name in body.Ops)
            {
                if (!OperationNames.TryExpand(name, out var expanded)) return (caveats, Problem.BadRequest($"ops: '{name}' is not an operation"));
                operations |= expanded;
            }

            caveats.Add(Caveat.Operations(operations));
        }

        foreach (var caveat in caveats)
        {
            if (!Caveat.TryParse(caveat, out _)) return (caveats, Problem.BadRequest($"'{caveat}' is not a well-formed caveat"));
        }

        return (caveats, null);
    }

    private static async Task<IResult> VerifyAsync(
        HttpContext context, ControlAuthentication authentication, CapabilityVerifier verifier, IGrainFactory grains, TimeProvider time)
    {
        if (authentication.RequireInternal(context) is { } problem) return problem;
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } bytes) return Problem.TooLarge("A body may have 1 MiB at most.");
        var (body, fault) = JsonBody.Parse(bytes, ControlJson.Default.VerifyRequest);
        if (body is null) return fault!;
        var text = body.Discharges is { Count: > 0 } ? $"{body.Token},{string.Join(',', body.Discharges)}" : body.Token;
        var outcome = verifier.Verify(text, out var capability);
        if (capability is null) return Problem.CaveatFailed($"not proven: {outcome}");
        if (await authentication.IsRevokedAsync(capability, context.RequestAborted)) return Problem.CaveatFailed("revoked");
        if (body.Context is { } use && Denial(capability, use, time) is { } denial) return Problem.CaveatFailed(denial);
        if (capability.ProjectId is { } id && await grains.GetGrain<IProjectGrain>(id).ReadAsync(context.RequestAborted) is not { State: AccountState.Active or AccountState.ReadOnly })
        {
            return Problem.Forbidden("The project is not active.");
        }

        long? expires = capability.NotAfter == DateTimeOffset.MaxValue ? null : capability.NotAfter.ToUnixTimeMilliseconds();
        return new JsonResult<VerifyAnswer>(
            200,
            new VerifyAnswer(true, capability.ProjectId, capability.TenantId, capability.Caveats, expires, false),
            ControlJson.Default.VerifyAnswer);
    }

    private static string? Denial(VerifiedCapability capability, VerifyContext use, TimeProvider time)
    {
        if (!OperationNames.TryParse(use.Op, out var operation)) return $"context.op: '{use.Op}' is not an operation";
        IPAddress? address = null;
        if (use.Ip is not null && !IPAddress.TryParse(use.Ip, out address)) return "context.ip is not an address";
        var denial = capability.Check(new CaveatContext
        {
            Operation = operation,
            Now = use.AtMs is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(at, 0, 253_402_300_799_000)) : time.GetUtcNow(),
            Method = CredentialMethod.Bearer,
            ProjectId = capability.ProjectId,
            TenantId = capability.TenantId,
            Bucket = use.Bucket,
            Key = Encoding.UTF8.GetBytes(use.Key ?? ""),
            Size = use.Size,
            PeerAddress = address,
        });
        return denial == CaveatDenial.None ? null : ControlAuthentication.Explain(denial);
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context, ControlAuthentication authentication, CapabilityVerifier verifier, Idempotency idempotency, IGrainFactory grains)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        return await idempotency.RunAsync(context, capability.ProjectId ?? "operator", secret: false, ControlJson.Default.RevokeTokenRequest, async (body, ct) =>
        {
            var (tail, owner, fault) = Target(body, verifier, capability);
            if (fault is not null) return fault;
            var tenant = owner is null ? null : (await grains.GetGrain<IProjectGrain>(owner).ReadAsync(ct))?.TenantId.Value;
            if (authentication.Allow(capability, context, CapabilityOperations.Admin, tenant, owner) is { } denied) return denied;
            await grains.GetGrain<IProjectGrain>(owner ?? ControlAuthentication.ClusterRevocations).RevokeTailAsync(tail, "api", ct);
            return new JsonResult<DoneAnswer>(200, new DoneAnswer(true), ControlJson.Default.DoneAnswer);
        });
    }

    /// <summary>The tail to revoke and the project whose set it belongs to.</summary>
    private static (ReadOnlyMemory<byte> Tail, string? Project, Problem? Fault) Target(
        RevokeTokenRequest body, CapabilityVerifier verifier, VerifiedCapability caller)
    {
        if (body.Token is { } text)
        {
            return verifier.Verify(text, out var revoked) == CapabilityOutcome.Ok
                ? (revoked!.Tail(revoked.TailCount - 1), revoked.ProjectId, null)
                : (default, null, Problem.BadRequest("token: it cannot be proven, so there is nothing to revoke"));
        }

        if (body.Identifier is not null)
        {
            return (default, null, Problem.BadRequest("identifier: give the token or its tail; an identifier alone names no signature"));
        }

        if (body.Tail is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigitLower))
        {
            return (default, null, Problem.BadRequest("Give token, or tail as 64 lower-case hex digits."));
        }

        var project = body.ProjectId ?? caller.ProjectId;
        return project is not null && !ProjectId.TryParse(project, out _)
            ? (default, null, Problem.NotFound("There is no such project."))
            : (Convert.FromHexString(hex), project, null);
    }
}
