using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Vault.ControlPlane.Accounts;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Credentials;

/// <summary><c>/v1/credentials</c>.</summary>
internal static class CredentialEndpoints
{
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private const long MaxTtlSeconds = 31_536_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/credentials", CreateAsync)
            .Accepts<CredentialRequest>("application/json")
            .Produces<CredentialCreated>(201);
        routes.MapGet("/v1/credentials", ListAsync).Produces<CredentialsAnswer>();
        routes.MapPost("/v1/credentials/revoke", RevokeAsync)
            .Accepts<LookupRequest>("application/json")
            .Produces<DoneAnswer>();
        routes.MapPost("/v1/credentials/resolve", ResolveAsync)
            .Accepts<LookupRequest>("application/json")
            .Produces<ResolvedAnswer>();
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, SignedCallers callers, Idempotency idempotency, IGrainFactory grains,
        [FromServices] ClusterKeys keys, MacaroonKeys macaroons, TimeProvider time)
    {
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } bytes)
            return Problem.TooLarge("A body may have 1 MiB at most.");
        var (caller, problem) = await callers.ProveAsync(context, bytes);
        if (caller is null) return problem!;
        using (caller)
        {
            var project = caller.View.Project;
            var denial = caller.Capability.Check(new CaveatContext
            {
                Operation = CapabilityOperations.Mint,
                Now = time.GetUtcNow(),
                Method = CredentialMethod.Header,
                ProjectId = project.ProjectId.Value,
                TenantId = project.TenantId.Value,
                PeerAddress = context.Connection.RemoteIpAddress,
            });
            if (denial is not (CaveatDenial.None or CaveatDenial.Bucket or CaveatDenial.Prefix))
            {
                return Problem.CaveatFailed(
                    $"The signing credential may not make others: {ControlAuthentication.Explain(denial)}.");
            }

            return await idempotency.RunAsync(
                context, project.ProjectId.Value, secret: true, bytes, ControlJson.Default.CredentialRequest,
                (body, ct) => MintAsync(caller, body, grains, keys, macaroons, time, ct));
        }
    }

    private static async Task<IResult> MintAsync(
        SignedCaller caller, CredentialRequest body, IGrainFactory grains, ClusterKeys keys, MacaroonKeys macaroons,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (body.TtlSeconds is < 60 or > MaxTtlSeconds)
            return Problem.BadRequest($"ttl_seconds: 60 to {MaxTtlSeconds}");
        if (body.Label is not null && !PlainText.IsPlain(body.Label, 0, 64))
            return Problem.BadRequest($"label: 64 characters at most, {PlainText.Rule}");
        var (macaroon, fault) = Narrow(caller, body, macaroons, time);
        if (macaroon is null) return fault!;
        var project = caller.View.Project.ProjectId;
        var projectKeys = new List<ProjectSecret>();
        var bucketKeys = new List<BucketKey>();
        try
        {
            if (OpenKeys(caller, project, projectKeys, bucketKeys) is { } broken) return broken;
            if (body.Buckets is { Count: > 0 } names)
            {
                if (await LimitAsync(names, project, projectKeys, bucketKeys, grains, cancellationToken) is { } missing)
                    return missing;
            }

            using var fresh = AccessKey.Generate();
            DateTimeOffset? expires = body.TtlSeconds is { } ttl ? time.GetUtcNow().AddSeconds(ttl) : null;
            if (caller.View.ExpiresMs is { } ms && (expires is null || expires.Value.ToUnixTimeMilliseconds() > ms))
            {
                expires = DateTimeOffset.FromUnixTimeMilliseconds(ms);
            }

            var limited = bucketKeys.Count > 0 || body.Buckets is { Count: > 0 };
            var sealedOne = SealedCredentials.Seal(
                fresh, macaroon, body.Label ?? "", limited ? [] : projectKeys, bucketKeys, keys,
                isPublic: body.Public ?? false, expires: expires);
            var status = await grains.GetGrain<IProjectGrain>(project.Value)
                .AddCredentialAsync(sealedOne, cancellationToken);
            if (status == AccountStatus.Conflict)
            {
                return Problem.Conflict("A key of these buckets was just renewed: repeat the call.");
            }

            if (status != AccountStatus.Ok) return AccountProblems.Of(status, "project");
            var lookup = Convert.ToHexStringLower(sealedOne.Lookup.Span);
            var answer = new CredentialCreated(
                true, project.Value, new CredentialBody(fresh.Id.Reveal(), fresh.Secret.Reveal()) { Lookup = lookup },
                expires);
            return new JsonResult<CredentialCreated>(201, answer, ControlJson.Default.CredentialCreated);
        }
        finally
        {
            projectKeys.ForEach(k => k.Dispose());
            bucketKeys.ForEach(k => k.Dispose());
        }
    }

    /// <summary>
    /// The signer's macaroon plus caveats. The recovery key's own <c>ops = mint</c> would make whatever it mints
    /// useless, so what it mints starts from the project's scope instead: that is what the key is for (ADR 0003).
    /// </summary>
    private static (Macaroon? Macaroon, Problem? Fault) Narrow(
        SignedCaller caller, CredentialRequest body, MacaroonKeys macaroons, TimeProvider time)
    {
        var caveats = new List<string> { $"nonce = {RandomNumberGenerator.GetHexString(16, lowercase: true)}" };
        if (body.TtlSeconds is { } ttl) caveats.Add(Caveat.NotAfter(time.GetUtcNow().AddSeconds(ttl)));
        if (body.Buckets is { Count: > 0 }) caveats.Add(Caveat.Buckets(body.Buckets));
        if (!string.IsNullOrEmpty(body.Prefix)) caveats.Add(Caveat.Prefixes(body.Prefix));
        if (body.IpCidr is not null and not "*") caveats.Add($"ip = {body.IpCidr}");
        if (body.Ops is { Count: > 0 })
        {
            var operations = CapabilityOperations.None;
            foreach (var name in body.Ops)
            {
                if (!OperationNames.TryExpand(name, out var expanded))
                    return (null, Problem.BadRequest($"ops: '{name}' is not an operation"));
                operations |= expanded;
            }

            caveats.Add(Caveat.Operations(operations));
        }

        var project = caller.View.Project;
        var macaroon = caller.View.Recovery
            ? macaroons.Mint(null, [Caveat.Tenant(project.TenantId.Value), Caveat.Project(project.ProjectId.Value)])
            : caller.Macaroon;
        try
        {
            foreach (var caveat in caveats)
            {
                if (!Caveat.TryParse(caveat, out _))
                    return (null, Problem.BadRequest($"'{caveat}' is not a well-formed caveat"));
                macaroon = macaroon.WithCaveat(caveat);
            }
        }
        catch (ArgumentException e)
        {
            return (null, Problem.BadRequest(e.Message));
        }

        return (macaroon, null);
    }

    /// <summary>Opens what was boxed to the signer.</summary>
    private static Problem? OpenKeys(
        SignedCaller caller, ProjectId project, List<ProjectSecret> projectKeys, List<BucketKey> bucketKeys)
    {
        foreach (var box in caller.View.ProjectKeys)
        {
            if (!ProjectSecret.TryOpen(box.Box.Span, project, (uint)box.KeyNo, caller.Pair, out var secret))
                return Problem.Internal();
            projectKeys.Add(secret);
        }

        foreach (var box in caller.View.BucketKeys)
        {
            if (!BucketKey.TryOpen(box.Box.Span, box.BucketId, (uint)box.KeyNo, caller.Pair, out var key))
                return Problem.Internal();
            bucketKeys.Add(key);
        }

        return null;
    }

    /// <summary>Leaves in <paramref name="bucketKeys"/> only the keys of the named buckets.</summary>
    private static async Task<Problem?> LimitAsync(
        IReadOnlyList<string> names, ProjectId project, List<ProjectSecret> projectKeys, List<BucketKey> bucketKeys,
        IGrainFactory grains, CancellationToken cancellationToken)
    {
        var reader = grains.GetGrain<IBucketReadGrain>(0);
        var wanted = new HashSet<BucketId>();
        foreach (var name in names)
        {
            var bucket = await reader.ResolveAsync(name, cancellationToken);
            if (bucket is null || bucket.ProjectId != project)
                return Problem.NotFound($"buckets: the project has no bucket '{name}'; create it first");
            wanted.Add(bucket.BucketId);
            for (var keyNo = 1; keyNo <= bucket.KeyNo && projectKeys.Count > 0; keyNo++)
            {
                if (await reader.ReadKeyBoxAsync(bucket.BucketId, keyNo, project, cancellationToken) is not { } box)
                    continue;
                foreach (var secret in projectKeys)
                {
                    if (!BucketKey.TryOpen(box.Span, bucket.BucketId, (uint)keyNo, secret.Pair, out var key)) continue;
                    bucketKeys.Add(key);
                    break;
                }
            }
        }

        foreach (var key in bucketKeys.FindAll(k => !wanted.Contains(k.BucketId)))
        {
            bucketKeys.Remove(key);
            key.Dispose();
        }

        return bucketKeys.Count > 0 ? null : Problem.Forbidden("The signing credential has no key of these buckets.");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, ControlAuthentication authentication, IGrainFactory grains, string project_id,
        string? cursor, int? limit)
    {
        var (project, problem) = await ProjectEndpoints.FindAsync(context, project_id, authentication, grains);
        if (project is null) return problem!;
        if (Paging.Fault(limit, cursor, IsLookup) is { } fault) return fault;
        var take = limit ?? Paging.DefaultLimit;
        var after = cursor is null ? [] : Convert.FromHexString(cursor);
        var page = await grains.GetGrain<IProjectGrain>(project_id)
            .ListCredentialsAsync(after, take, context.RequestAborted);
        var next = page.Length == take ? Convert.ToHexStringLower(page[^1].Lookup.Span) : null;
        return new JsonResult<CredentialsAnswer>(
            200, new CredentialsAnswer(true, [.. page.Select(Body)], next), ControlJson.Default.CredentialsAnswer);
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context, ControlAuthentication authentication, Idempotency idempotency, IGrainFactory grains)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        return await idempotency.RunAsync(
            context, capability.ProjectId ?? "operator", secret: false, ControlJson.Default.LookupRequest,
            async (body, ct) =>
            {
                if (!IsLookup(body.Lookup)) return Problem.BadRequest("lookup: 64 lower-case hex digits");
                var grain = grains.GetGrain<ICredentialGrain>(body.Lookup);
                var view = await grain.ResolveAsync(ct);
                if (authentication.Allow(
                    capability, context, CapabilityOperations.Admin,
                    view?.Project.TenantId.Value ?? capability.TenantId,
                    view?.Project.ProjectId.Value ?? capability.ProjectId)
                    is { } denied)
                {
                    return denied;
                }

                return view is not null && await grain.RevokeAsync(body.Reason ?? "", ct)
                    ? new JsonResult<DoneAnswer>(200, new DoneAnswer(true), ControlJson.Default.DoneAnswer)
                    : Problem.NotFound("There is no such credential.");
            });
    }

    /// <summary>Answers with the sealed record; nothing is opened here.</summary>
    private static async Task<IResult> ResolveAsync(
        HttpContext context, ControlAuthentication authentication, IGrainFactory grains)
    {
        if (authentication.RequireInternal(context) is { } problem) return problem;
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } bytes)
            return Problem.TooLarge("A body may have 1 MiB at most.");
        var (body, fault) = JsonBody.Parse(bytes, ControlJson.Default.LookupRequest);
        if (body is null) return fault!;
        if (!IsLookup(body.Lookup)) return Problem.BadRequest("lookup: 64 lower-case hex digits");
        return await grains.GetGrain<ICredentialGrain>(body.Lookup).ResolveAsync(context.RequestAborted) is { } view
            ? new JsonResult<ResolvedAnswer>(
                200,
                new ResolvedAnswer(
                    true, view.Project.ProjectId.Value, Convert.ToBase64String(view.Record.Span), view.Public,
                    view.ExpiresMs, view.RevokedMs is not null),
                ControlJson.Default.ResolvedAnswer)
            : Problem.NotFound("There is no such credential.");
    }

    private static bool IsLookup(string? text) => text is { Length: 64 } && !text.AsSpan().ContainsAnyExcept(LowerHex);

    private static CredentialSummaryBody Body(CredentialSummary summary) => new(
        Convert.ToHexStringLower(summary.Lookup.Span), summary.Label, summary.Recovery,
        DateTimeOffset.FromUnixTimeMilliseconds(summary.CreatedMs),
        summary.ExpiresMs is { } expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
        summary.RevokedMs is { } revoked ? DateTimeOffset.FromUnixTimeMilliseconds(revoked) : null,
        Convert.ToHexStringLower(summary.MacaroonId.Span));
}
