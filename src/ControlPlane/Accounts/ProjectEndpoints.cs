using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Accounts;

/// <summary><c>/v1/projects</c>.</summary>
internal static class ProjectEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/projects", CreateAsync)
            .Accepts<ProjectRequest>("application/json")
            .Produces<ProjectCreated>(201);
        routes.MapGet("/v1/projects", ListAsync).Produces<ProjectsAnswer>();
        routes.MapGet("/v1/projects/{id}", ReadAsync).Produces<ProjectAnswer>();
        routes.MapPatch("/v1/projects/{id}", UpdateAsync)
            .Accepts<ProjectPatch>("application/json")
            .Produces<ProjectAnswer>();
        routes.MapDelete("/v1/projects/{id}", DeleteAsync).Produces<DoneAnswer>();
        routes.MapGet("/v1/projects/{id}/events", EventsAsync).Produces<EventsAnswer>();
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, ControlAuthentication authentication, Idempotency idempotency, IGrainFactory grains,
        [FromServices] ClusterKeys keys, MacaroonKeys macaroons)
    {
        // The tenant is inside the body, so the token is proven first and its caveats are checked once the body is
        // read.
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return problem!;
        return await idempotency.RunAsync(
            context, capability.TenantId ?? "operator", secret: true, ControlJson.Default.ProjectRequest,
            async (body, ct) =>
            {
                if (authentication.Allow(capability, context, CapabilityOperations.Admin, body.TenantId, null)
                    is { } denied)
                    return denied;
                if (Fault(body) is { } fault) return fault;
                if (!TenantId.TryParse(body.TenantId, out var tenantId))
                    return Problem.NotFound("There is no such tenant.");
                var quota = Quota(body.Quota, new ProjectQuota());
                using var birth = ProjectBirth.Draw(tenantId, body.Name, body.BillingEmail, quota, keys, macaroons);
                var grain = grains.GetGrain<IProjectGrain>(birth.ProjectId.Value);
                var status = await grain.CreateAsync(birth.Message, ct);
                if (status != AccountStatus.Ok)
                    return AccountProblems.Of(status, status is AccountStatus.NotFound ? "tenant" : "project");
                var lookup = Convert.ToHexStringLower(birth.Message.Credentials[0].Lookup.Span);
                var credential = new CredentialBody(birth.Owner.Id.Reveal(), birth.Owner.Secret.Reveal())
                {
                    Lookup = lookup,
                };
                var answer = new ProjectCreated(
                    true, Body((await grain.ReadAsync(ct))!), birth.Token, credential, birth.RecoveryKey);
                return new JsonResult<ProjectCreated>(201, answer, ControlJson.Default.ProjectCreated);
            });
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, ControlAuthentication authentication, IGrainFactory grains, string? tenant_id,
        string? cursor, int? limit)
    {
        var (_, problem) = await authentication.RequireAsync(context, CapabilityOperations.Admin, tenant_id, null);
        if (problem is not null) return problem;
        TenantId? tenant = TenantId.TryParse(tenant_id, out var parsed) ? parsed : null;
        if (tenant_id is not null && tenant is null) return Problem.NotFound("There is no such tenant.");
        if (Paging.Fault(limit, cursor, static c => ProjectId.TryParse(c, out _)) is { } fault) return fault;
        var take = limit ?? Paging.DefaultLimit;
        var page = await grains.GetGrain<IAccountListGrain>(0)
            .ListProjectsAsync(tenant, cursor ?? "", take, context.RequestAborted);
        var next = page.Length == take ? page[^1].ProjectId.Value : null;
        return new JsonResult<ProjectsAnswer>(
            200, new ProjectsAnswer(true, [.. page.Select(Body)], next), ControlJson.Default.ProjectsAnswer);
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains)
    {
        var (project, problem) = await FindAsync(context, id, authentication, grains);
        return project is null
            ? problem!
            : new JsonResult<ProjectAnswer>(
                200, new ProjectAnswer(true, Body(project)), ControlJson.Default.ProjectAnswer);
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, string id, ControlAuthentication authentication, Idempotency idempotency,
        IGrainFactory grains)
    {
        var (project, problem) = await FindAsync(context, id, authentication, grains);
        if (project is null) return problem!;
        return await idempotency.RunAsync(
            context, id, secret: false, ControlJson.Default.ProjectPatch, async (body, ct) =>
            {
                if (!AccountStates.TryParse(body.Status, out var state))
                    return Problem.BadRequest("status: active, read_only or suspended");
                if (body.Name is not null && !PlainText.IsPlain(body.Name, 3, 64))
                    return Problem.BadRequest($"name: 3 to 64 characters, {PlainText.Rule}");
                if (body.BillingEmail is not null && !Emails.IsPlausible(body.BillingEmail))
                    return Problem.BadRequest("billing_email: an e-mail address");
                if (Fault(body.Quota) is { } fault) return fault;
                var grain = grains.GetGrain<IProjectGrain>(id);
                var status = await grain.UpdateAsync(
                    new UpdateProject
                    {
                        Name = body.Name,
                        BillingEmail = body.BillingEmail,
                        State = state,
                        Quota = body.Quota is null ? null : Quota(body.Quota, project.Quota),
                    },
                    ct);
                return status == AccountStatus.Ok
                    ? new JsonResult<ProjectAnswer>(
                        200, new ProjectAnswer(true, Body((await grain.ReadAsync(ct))!)),
                        ControlJson.Default.ProjectAnswer)
                    : AccountProblems.Of(status, "project");
            });
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains)
    {
        var (project, problem) = await FindAsync(context, id, authentication, grains);
        if (project is null) return problem!;
        var status = await grains.GetGrain<IProjectGrain>(id).DeleteAsync(context.RequestAborted);
        return status == AccountStatus.Ok
            ? new JsonResult<DoneAnswer>(200, new DoneAnswer(true), ControlJson.Default.DoneAnswer)
            : AccountProblems.Of(status, "project");
    }

    private static async Task<IResult> EventsAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains,
        DateTimeOffset? since)
    {
        var (project, problem) = await FindAsync(context, id, authentication, grains);
        if (project is null) return problem!;
        var events = await grains.GetGrain<IProjectGrain>(id)
            .ReadEventsAsync(since?.ToUnixTimeMilliseconds() ?? 0, context.RequestAborted);
        return new JsonResult<EventsAnswer>(
            200,
            new EventsAnswer(
                true,
                [.. events.Select(
                    e => new EventBody(DateTimeOffset.FromUnixTimeMilliseconds(e.AtMs), e.Kind, e.Subject))]),
            ControlJson.Default.EventsAnswer);
    }

    /// <summary>
    /// The project, when the token may administer it. A token for another project learns nothing about this one.
    /// </summary>
    internal static async Task<(ProjectView? Project, Problem? Problem)> FindAsync(
        HttpContext context, string id, ControlAuthentication authentication, IGrainFactory grains,
        CapabilityOperations operation = CapabilityOperations.Admin)
    {
        var (capability, problem) = await authentication.BearerAsync(context);
        if (capability is null) return (null, problem);
        var project = ProjectId.TryParse(id, out _)
            ? await grains.GetGrain<IProjectGrain>(id).ReadAsync(context.RequestAborted)
            : null;
        if (authentication.Allow(capability, context, operation, project?.TenantId.Value, id) is { } denied)
            return (null, denied);
        return project is null ? (null, Problem.NotFound("There is no such project.")) : (project, null);
    }

    private static Problem? Fault(ProjectRequest body) => body switch
    {
        { Name: var name } when !PlainText.IsPlain(name, 3, 64) =>
            Problem.BadRequest($"name: 3 to 64 characters, {PlainText.Rule}"),
        { BillingEmail: var email } when !Emails.IsPlausible(email) =>
            Problem.BadRequest("billing_email: an e-mail address"),
        { Encryption: not null and not "sealed" } =>
            Problem.BadRequest("encryption: this version makes sealed projects only; leave it out or say \"sealed\""),
        { Tier: not null and not "active" } => Problem.BadRequest("tier: this version knows only \"active\""),
        _ => Fault(body.Quota),
    };

    private static Problem? Fault(QuotaBody? quota) =>
        quota is { StorageBytes: < 0 } or { EgressBytesMonth: < 0 } or { Buckets: < 0 } or { Rps: < 0 }
            ? Problem.BadRequest("quota: whole numbers; 0 means none, less than that nothing")
            : null;

    private static ProjectQuota Quota(QuotaBody? body, ProjectQuota before) => new()
    {
        StorageBytes = body?.StorageBytes ?? before.StorageBytes,
        Buckets = body?.Buckets ?? before.Buckets,
        RequestsPerSecond = body?.Rps ?? before.RequestsPerSecond,
        EgressBytesPerMonth = body?.EgressBytesMonth ?? before.EgressBytesPerMonth,
    };

    private static ProjectBody Body(ProjectView project)
    {
        var owner = OwnerIdentity.Of(project.ProjectId);
        return new ProjectBody(
            project.ProjectId.Value, project.TenantId.Value, project.Name, project.BillingEmail,
            AccountStates.Format(project.State),
            new QuotaBody(
                project.Quota.StorageBytes, project.Quota.EgressBytesPerMonth, project.Quota.Buckets,
                project.Quota.RequestsPerSecond),
            project.Managed ? "managed" : "sealed", owner.CanonicalId, owner.AccountId,
            DateTimeOffset.FromUnixTimeMilliseconds(project.CreatedMs));
    }
}
