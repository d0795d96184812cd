using System.Buffers;
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
    private const int TailDigits = 64;
    private const int MacaroonIdDigits = 42;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tokens/macaroon", MintAsync)
            .Accepts<MintRequest>("application/json")
            .Produces<MintAnswer>(201);
        routes.MapPost("/v1/tokens/verify", VerifyAsync)
            .Accepts<VerifyRequest>("application/json")
            .Produces<VerifyAnswer>();
        routes.MapGet("/v1/tokens", ListAsync).Produces<TokensAnswer>();
        routes.MapPost("/v1/tokens/revoke", RevokeAsync)
            .Accepts<RevokeTokenRequest>("application/json")
            .Produces<DoneAnswer>();
    }

    /// <summary>The new token is the caller's own plus caveats, so it can never allow more.</summary>
    private static async Task<IResult> MintAsync(
        HttpContext context, ControlAuthentication authentication, Idempotency idempotency, IGrainFactory grains,
        TimeProvider time)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        var scope = capability.ProjectId ?? capability.TenantId ?? "operator";
        return await idempotency.RunAsync(
            context, scope, secret: true, ControlJson.Default.MintRequest, async (body, ct) =>
            {
                string? tenant = null;
                if (body.ProjectId is { } wanted)
                {
                    var project = ProjectId.TryParse(wanted, out _)
                        ? await grains.GetGrain<IProjectGrain>(wanted).ReadAsync(ct)
                        : null;
                    tenant = project?.TenantId.Value;
                    if (authentication.Allow(capability, context, CapabilityOperations.Mint, tenant, wanted)
                        is { } denied)
                        return denied;
                    if (project is null) return Problem.NotFound("There is no such project.");
                }
                else if (authentication.Allow(
                    capability, context, CapabilityOperations.Mint, capability.TenantId, capability.ProjectId)
                    is { } denied)
                {
                    return denied;
                }

                var ttl = body.TtlSeconds ?? 3600;
                if (ttl is < 60 or > MaxTtlSeconds) return Problem.BadRequest($"ttl_seconds: 60 to {MaxTtlSeconds}");
                if (body.MaxSize < 0) return Problem.BadRequest("max_size: bytes; 0 means no limit");
                if (body.Label is not null && body.Label.Any(char.IsControl))
                    return Problem.BadRequest($"label: {PlainText.Rule}");
                var expires = time.GetUtcNow().AddSeconds(ttl);
                var (caveats, fault) = Caveats(body, expires, tenant, capability);
                if (fault is not null) return fault;
                var header = context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
                if (!Macaroon.TryParse(header, out var token))
                {
                    return Problem.BadRequest(
                        "A token with discharges cannot be derived from here: append caveats to its root yourself.");
                }

                try
                {
                    foreach (var caveat in caveats) token = token!.WithCaveat(caveat);
                }
                catch (ArgumentException e)
                {
                    return Problem.BadRequest(e.Message);
                }

                var tail = SHA256.HashData(token!.Signature.Span);
                await Tokens(grains, body.ProjectId ?? capability.ProjectId).AddTokenAsync(
                    new NewToken
                    {
                        TailHash = tail, Label = body.Label ?? "", ExpiresMs = expires.ToUnixTimeMilliseconds(),
                    },
                    ct);
                var texts = token.Caveats.Select(c => Encoding.UTF8.GetString(c.Id.Span));
                var answer = new MintAnswer(true, token.ToText(), Convert.ToHexStringLower(tail), [.. texts], expires);
                return new JsonResult<MintAnswer>(201, answer, ControlJson.Default.MintAnswer);
            });
    }

    private static (List<string> Caveats, Problem? Fault) Caveats(
        MintRequest body, DateTimeOffset expires, string? tenant, VerifiedCapability parent)
    {
        var caveats = new List<string>
        {
            $"nonce = {RandomNumberGenerator.GetHexString(16, lowercase: true)}", Caveat.NotAfter(expires),
        };
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
                if (!OperationNames.TryExpand(name, out var expanded))
                    return (caveats, Problem.BadRequest($"ops: '{name}' is not an operation"));
                operations |= expanded;
            }

            caveats.Add(Caveat.Operations(operations));
        }

        foreach (var caveat in caveats)
        {
            if (!Caveat.TryParse(caveat, out _))
                return (caveats, Problem.BadRequest($"'{caveat}' is not a well-formed caveat"));
        }

        return (caveats, null);
    }

    private static async Task<IResult> VerifyAsync(
        HttpContext context, ControlAuthentication authentication, CapabilityVerifier verifier, IGrainFactory grains,
        TimeProvider time)
    {
        if (authentication.RequireInternal(context) is { } problem) return problem;
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } bytes)
            return Problem.TooLarge("A body may have 1 MiB at most.");
        var (body, fault) = JsonBody.Parse(bytes, ControlJson.Default.VerifyRequest);
        if (body is null) return fault!;
        var text = body.Discharges is { Count: > 0 } ? $"{body.Token},{string.Join(',', body.Discharges)}" : body.Token;
        var outcome = verifier.Verify(text, out var capability);
        if (capability is null) return Problem.CaveatFailed($"not proven: {outcome}");
        if (await authentication.IsRevokedAsync(capability, context.RequestAborted))
            return Problem.CaveatFailed("revoked");
        if (body.Context is { } use && Denial(capability, use, time) is { } denial) return Problem.CaveatFailed(denial);
        if (capability.ProjectId is { } id && await grains.GetGrain<IProjectGrain>(id)
            .ReadAsync(context.RequestAborted) is not { State: AccountState.Active or AccountState.ReadOnly })
        {
            return Problem.Forbidden("The project is not active.");
        }

        long? expires = capability.NotAfter == DateTimeOffset.MaxValue
            ? null
            : capability.NotAfter.ToUnixTimeMilliseconds();
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
            Now = use.AtMs is { } at
                ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(at, 0, 253_402_300_799_000))
                : time.GetUtcNow(),
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

    /// <summary>Tokens of a project, or, for the operator, those that are for none.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context,
        ControlAuthentication authentication,
        IGrainFactory grains,
        string? project_id,
        string? cursor,
        int? limit)
    {
        if (project_id is null)
        {
            var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, null, null);
            if (problem is not null) return problem;
        }
        else
        {
            var (project, problem) = await ProjectEndpoints.FindAsync(context, project_id, authentication, grains);
            if (project is null) return problem!;
        }

        if (Paging.Fault(limit, cursor, static c => IsHex(c, TailDigits)) is { } fault) return fault;
        var take = limit ?? Paging.DefaultLimit;
        var after = cursor is null ? [] : Convert.FromHexString(cursor);
        var page = await Tokens(grains, project_id).ListTokensAsync(after, take, context.RequestAborted);
        var next = page.Length == take ? Convert.ToHexStringLower(page[^1].TailHash.Span) : null;
        return new JsonResult<TokensAnswer>(
            200, new TokensAnswer(true, [.. page.Select(Body)], next), ControlJson.Default.TokensAnswer);
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context, ControlAuthentication authentication, CapabilityVerifier verifier, Idempotency idempotency,
        IGrainFactory grains)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        var scope = capability.ProjectId ?? capability.TenantId ?? "operator";
        var type = ControlJson.Default.RevokeTokenRequest;
        return await idempotency.RunAsync(context, scope, secret: false, type, async (body, ct) =>
        {
            var (tail, owner, fault) = Target(body, verifier, capability);
            if (fault is not null) return fault;
            var tenant = owner is null
                ? null
                : (await grains.GetGrain<IProjectGrain>(owner).ReadAsync(ct))?.TenantId.Value;
            if (authentication.Allow(capability, context, CapabilityOperations.Admin, tenant, owner) is { } denied)
                return denied;
            var set = Tokens(grains, owner);
            if (body.Identifier is { Length: TailDigits })
            {
                if (!await set.RevokeTokenAsync(tail, "api", ct))
                {
                    return Problem.NotFound("There is no such token; GET /v1/tokens lists those that live.");
                }
            }
            else
            {
                await set.RevokeTailAsync(tail, "api", ct);
            }

            return new JsonResult<DoneAnswer>(200, new DoneAnswer(true), ControlJson.Default.DoneAnswer);
        });
    }

    /// <summary>The tail to revoke and the project whose set it belongs to; only that project's tokens are looked up
    /// there, so a tail of another's token harms nobody.</summary>
    private static (ReadOnlyMemory<byte> Tail, string? Project, Problem? Fault) Target(
        RevokeTokenRequest body, CapabilityVerifier verifier, VerifiedCapability caller)
    {
        if ((body.Token is null ? 0 : 1) + (body.Identifier is null ? 0 : 1) + (body.Tail is null ? 0 : 1) != 1)
        {
            return (default, null, Problem.BadRequest("Give one of token, identifier and tail."));
        }

        if (body.Token is { } text)
        {
            return verifier.Verify(text, out var revoked) == CapabilityOutcome.Ok
                ? (revoked!.Tail(revoked.TailCount - 1), revoked.ProjectId, null)
                : (default, null, Problem.BadRequest("token: it cannot be proven, so there is nothing to revoke"));
        }

        var project = body.ProjectId ?? caller.ProjectId;
        if (project is not null && !ProjectId.TryParse(project, out _))
        {
            return (default, null, Problem.NotFound("There is no such project."));
        }

        if (IsHex(body.Identifier ?? body.Tail, TailDigits))
        {
            return (Convert.FromHexString((body.Identifier ?? body.Tail)!), project, null);
        }

        if (!IsHex(body.Identifier, MacaroonIdDigits))
        {
            return (default, null, Problem.BadRequest(
                "identifier and tail are 64 lower-case hex digits; a macaroon's own identifier has 42."));
        }

        return FirstTail(Convert.FromHexString(body.Identifier!), verifier) is { } first
            ? (first, project, null)
            : (default, null, Problem.NotFound("identifier: no key of this cluster made it."));
    }

    /// <summary>Hash of the signature over the identifier alone, which every token that begins with it has in its
    /// chain.</summary>
    private static ReadOnlyMemory<byte>? FirstTail(ReadOnlySpan<byte> identifier, CapabilityVerifier verifier)
    {
        // A macaroon without caveats whose signature is left out: docs/spec/macaroons.md, sections 1 and 2.
        byte[] bare = [2, 2, (byte)identifier.Length, .. identifier, 0, 0, 6, 0];
        if (!Macaroon.TryDecode(bare, out var macaroon)) return null;
        var outcome = verifier.RecomputeToken(macaroon!, [], out var capability, out var proof);
        proof?.Dispose();
        return outcome == CapabilityOutcome.Ok ? capability!.Tail(0) : null;
    }

    private static bool IsHex(string? text, int digits) =>
        text is not null && text.Length == digits && !text.AsSpan().ContainsAnyExcept(LowerHex);

    /// <summary>The project that lists a token and holds its revocation; tokens without one share a set of their
    /// own.</summary>
    private static IProjectGrain Tokens(IGrainFactory grains, string? project) =>
        grains.GetGrain<IProjectGrain>(project ?? ControlAuthentication.ClusterRevocations);

    private static TokenSummaryBody Body(IssuedToken token) => new(
        Convert.ToHexStringLower(token.TailHash.Span),
        token.Label,
        DateTimeOffset.FromUnixTimeMilliseconds(token.CreatedMs),
        token.ExpiresMs is { } expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
        token.RevokedMs is { } revoked ? DateTimeOffset.FromUnixTimeMilliseconds(revoked) : null);
}
