using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Accounts;

/// <summary><c>/v1/tenants</c>.</summary>
internal static class TenantEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tenants", CreateAsync)
            .Accepts<TenantRequest>("application/json")
            .Produces<TenantAnswer>(201);
        routes.MapGet("/v1/tenants", ListAsync).Produces<TenantsAnswer>();
        routes.MapGet("/v1/tenants/{id}", ReadAsync).Produces<TenantAnswer>();
        routes.MapPatch("/v1/tenants/{id}", UpdateAsync)
            .Accepts<TenantPatch>("application/json")
            .Produces<TenantAnswer>();
        routes.MapDelete("/v1/tenants/{id}", DeleteAsync).Produces<DoneAnswer>();
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, ControlAuthentication authentication, Idempotency idempotency, IGrainFactory grains)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, null, null);
        if (problem is not null) return problem;
        return await idempotency.RunAsync(
            context, "operator", secret: false, ControlJson.Default.TenantRequest, async (body, ct) =>
            {
                if (!PlainText.IsPlain(body.Name, 1, 64))
                    return Problem.BadRequest($"name: 1 to 64 characters, {PlainText.Rule}");
                if (!Emails.IsPlausible(body.OwnerEmail)) return Problem.BadRequest("owner_email: an e-mail address");
                if (Fault(body.Limits) is { } fault) return fault;
                var id = "ten_" + RandomNumberGenerator.GetHexString(20, lowercase: true);
                var grain = grains.GetGrain<ITenantGrain>(id);
                var status = await grain.CreateAsync(
                    new CreateTenant
                    {
                        Name = body.Name,
                        OwnerEmail = body.OwnerEmail,
                        Limits = Limits(body.Limits, new TenantLimits()),
                    }, ct);
                return status == AccountStatus.Ok
                    ? new JsonResult<TenantAnswer>(
                        201, new TenantAnswer(true, Body((await grain.ReadAsync(ct))!)),
                        ControlJson.Default.TenantAnswer)
                    : AccountProblems.Of(status, "tenant");
            });
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, ControlAuthentication authentication, IGrainFactory grains, string? cursor, int? limit)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, null, null);
        if (problem is not null) return problem;
        if (Paging.Fault(limit, cursor, static c => TenantId.TryParse(c, out _)) is { } fault) return fault;
        var take = limit ?? Paging.DefaultLimit;
        var page = await grains.GetGrain<IAccountListGrain>(0)
            .ListTenantsAsync(cursor ?? "", take, context.RequestAborted);
        var next = page.Length == take ? page[^1].TenantId.ToString() : null;
        return new JsonResult<TenantsAnswer>(
            200, new TenantsAnswer(true, [.. page.Select(Body)], next), ControlJson.Default.TenantsAnswer);
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, id, null);
        if (problem is not null) return problem;
        return await FindAsync(grains, id, context.RequestAborted) is { } tenant
            ? new JsonResult<TenantAnswer>(200, new TenantAnswer(true, Body(tenant)), ControlJson.Default.TenantAnswer)
            : Problem.NotFound("There is no such tenant.");
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, string id, ControlAuthentication authentication, Idempotency idempotency,
        IGrainFactory grains)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, id, null);
        if (problem is not null) return problem;
        return await idempotency.RunAsync(
            context, id, secret: false, ControlJson.Default.TenantPatch, async (body, ct) =>
            {
                if (!AccountStates.TryParse(body.Status, out var state))
                    return Problem.BadRequest("status: active or suspended");
                if (Fault(body.Limits) is { } fault) return fault;
                if (await FindAsync(grains, id, ct) is not { } tenant)
                    return Problem.NotFound("There is no such tenant.");
                var grain = grains.GetGrain<ITenantGrain>(id);
                var status = await grain.UpdateAsync(
                    state, body.Limits is null ? null : Limits(body.Limits, tenant.Limits), ct);
                return status == AccountStatus.Ok
                    ? new JsonResult<TenantAnswer>(
                        200, new TenantAnswer(true, Body((await grain.ReadAsync(ct))!)),
                        ControlJson.Default.TenantAnswer)
                    : AccountProblems.Of(status, "tenant");
            });
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, null, null);
        if (problem is not null) return problem;
        if (!TenantId.TryParse(id, out _)) return Problem.NotFound("There is no such tenant.");
        var status = await grains.GetGrain<ITenantGrain>(id).DeleteAsync(context.RequestAborted);
        return status == AccountStatus.Ok
            ? new JsonResult<DoneAnswer>(200, new DoneAnswer(true), ControlJson.Default.DoneAnswer)
            : AccountProblems.Of(status, "tenant");
    }

    internal static async Task<TenantView?> FindAsync(
        IGrainFactory grains, string id, CancellationToken cancellationToken) =>
        TenantId.TryParse(id, out _) ? await grains.GetGrain<ITenantGrain>(id).ReadAsync(cancellationToken) : null;

    private static Problem? Fault(TenantLimitsBody? limits) =>
        limits is { Projects: < 0 } or { StorageBytes: < 0 } or { EgressBytesMonth: < 0 }
            ? Problem.BadRequest("limits: whole numbers; 0 means none, less than that nothing")
            : null;

    private static TenantLimits Limits(TenantLimitsBody? body, TenantLimits before) => new()
    {
        Projects = body?.Projects ?? before.Projects,
        StorageBytes = body?.StorageBytes ?? before.StorageBytes,
        EgressBytesPerMonth = body?.EgressBytesMonth ?? before.EgressBytesPerMonth,
    };

    private static TenantBody Body(TenantView tenant) => new(
        tenant.TenantId.ToString(), tenant.Name, tenant.OwnerEmail,
        new TenantLimitsBody(tenant.Limits.Projects, tenant.Limits.StorageBytes, tenant.Limits.EgressBytesPerMonth),
        AccountStates.Format(tenant.State), DateTimeOffset.FromUnixTimeMilliseconds(tenant.CreatedMs));
}
