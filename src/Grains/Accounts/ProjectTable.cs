using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>Projects and their revocation sets.</summary>
internal static class ProjectTable
{
    /// <summary>Columns of <see cref="ProjectView"/>, of a project called p.</summary>
    public const string ViewColumns = """
        p.project_id, p.tenant_id, p.name, p.billing_email, p.state, p.max_storage_bytes, p.max_buckets,
        p.max_requests_per_second, p.max_egress_bytes, p.managed, p.key_no, p.public_key, p.created_ms
        """;

    public const int ViewColumnCount = 13;

    public static readonly SqlQuery<string, ProjectView> ById = new(
        $"select {ViewColumns} from project p where p.project_id = @project",
        BindId,
        static row => ReadView(row, 0));

    public static readonly SqlQuery<ProjectPage, ProjectView> List = new(
        $"select {ViewColumns} from project p where p.project_id > @after order by p.project_id limit @limit",
        static (p, page) =>
        {
            p.Text("after", page.After);
            p.Bigint("limit", page.Limit);
        },
        static row => ReadView(row, 0));

    public static readonly SqlQuery<ProjectPage, ProjectView> ListOfTenant = new(
        $"""
        select {ViewColumns} from project p
        where p.tenant_id = @tenant and p.project_id > @after order by p.project_id limit @limit
        """,
        static (p, page) =>
        {
            p.Text("tenant", page.TenantId);
            p.Text("after", page.After);
            p.Bigint("limit", page.Limit);
        },
        static row => ReadView(row, 0));

    /// <summary>As a check: neither the id nor the e-mail is taken.</summary>
    public static readonly SqlStatement<ProjectRow> Insert = new(
        """
        insert into project
          (project_id, tenant_id, name, billing_email, max_storage_bytes, max_buckets, max_requests_per_second,
           max_egress_bytes, managed, key_no, public_key, state, created_ms)
        values (@project, @tenant, @name, @email, @storage, @buckets, @rps, @egress, @managed, @key_no, @public_key,
           0, {now_ms})
        on conflict do nothing returning 1
        """,
        static (p, row) =>
        {
            p.Text("project", row.ProjectId);
            p.Text("tenant", row.Create.TenantId.Value);
            p.Text("name", row.Create.Name);
            p.Text("email", row.Create.BillingEmail);
            p.Bigint("storage", row.Create.Quota.StorageBytes);
            p.Bigint("buckets", row.Create.Quota.Buckets);
            p.Bigint("rps", row.Create.Quota.RequestsPerSecond);
            p.Bigint("egress", row.Create.Quota.EgressBytesPerMonth);
            p.Bool("managed", row.Create.Managed);
            p.Bigint("key_no", row.Create.KeyNo);
            p.Blob("public_key", row.Create.PublicKey.Span);
        });

    /// <summary>
    /// As a check, after the insert: a call that was held up does not bring back a project that was deleted meanwhile.
    /// </summary>
    public static readonly SqlStatement<string> NeverDeleted = new(
        """
        select 1 where not exists (
          select 1 from project_event where project_id = @project and kind = 'project.deleted')
        """,
        BindId);

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<ProjectChange> Update = new(
        """
        update project set name = coalesce(@name, name), billing_email = coalesce(@email, billing_email),
          state = coalesce(@state, state), max_storage_bytes = coalesce(@storage, max_storage_bytes),
          max_buckets = coalesce(@buckets, max_buckets),
          max_requests_per_second = coalesce(@rps, max_requests_per_second),
          max_egress_bytes = coalesce(@egress, max_egress_bytes)
        where project_id = @project returning 1
        """,
        static (p, c) =>
        {
            p.Text("name", c.Change.Name);
            p.Text("email", c.Change.BillingEmail);
            p.Bigint("state", (long?)c.Change.State);
            p.Bigint("storage", c.Change.Quota?.StorageBytes);
            p.Bigint("buckets", (long?)c.Change.Quota?.Buckets);
            p.Bigint("rps", (long?)c.Change.Quota?.RequestsPerSecond);
            p.Bigint("egress", c.Change.Quota?.EgressBytesPerMonth);
            p.Text("project", c.ProjectId);
        });

    /// <summary>As a check, before the emptiness check: keeps new buckets out.</summary>
    public static readonly SqlStatement<string> LockForDelete = new(
        "update project set state = 3 where project_id = @project returning 1", BindId);

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<string> HasNoBucket = new(
        "select 1 where not exists (select 1 from bucket where project_id = @project)", BindId);

    /// <summary>What goes with a project; its events stay.</summary>
    public static readonly SqlStatement<string>[] Delete =
    [
        new(
            "delete from project_key_box where lookup in (select lookup from credential where project_id = @project)",
            BindId),
        new(
            "delete from credential_bucket_key_box where lookup in "
            + "(select lookup from credential where project_id = @project)",
            BindId),
        new("delete from credential where project_id = @project", BindId),
        new("delete from revocation where project_id = @project", BindId),
        new("delete from issued_token where project_id = @project", BindId),
        new("delete from project where project_id = @project", BindId),
    ];

    public static readonly SqlStatement<RevokedTail> Revoke = new(
        """
        insert into revocation (project_id, tail_hash, at_ms, reason) values (@project, @tail, {now_ms}, @reason)
        on conflict (project_id, tail_hash) do nothing
        """,
        static (p, r) =>
        {
            BindTail(p, r);
            p.Text("reason", r.Reason);
        });

    public static readonly SqlQuery<RevokedTail, string> IsRevoked = new(
        "select reason from revocation where project_id = @project and tail_hash = @tail",
        BindTail,
        static row => row.Text(0));

    /// <summary>Reads <see cref="ViewColumns"/> from a column on.</summary>
    public static ProjectView ReadView(SqlRow row, int at) => new()
    {
        ProjectId = row.ProjectId(at),
        TenantId = row.TenantId(at + 1),
        Name = row.Text(at + 2),
        BillingEmail = row.Text(at + 3),
        State = (AccountState)row.Bigint(at + 4),
        Quota = new ProjectQuota
        {
            StorageBytes = row.Bigint(at + 5), Buckets = row.Int(at + 6), RequestsPerSecond = row.Int(at + 7),
            EgressBytesPerMonth = row.Bigint(at + 8),
        },
        Managed = row.Bool(at + 9),
        KeyNo = row.Int(at + 10),
        PublicKey = row.Blob(at + 11),
        CreatedMs = row.Bigint(at + 12),
    };

    private static void BindId(SqlParameters p, string id) => p.Text("project", id);

    private static void BindTail(SqlParameters p, RevokedTail revoked)
    {
        p.Text("project", revoked.ProjectId);
        p.Blob("tail", revoked.TailHash.Span);
    }
}

/// <summary>Projects after an id.</summary>
internal readonly record struct ProjectPage(string? TenantId, string After, int Limit);

/// <summary>A project to be made.</summary>
internal sealed record ProjectRow(string ProjectId, CreateProject Create);

/// <summary>A change; null members stay.</summary>
internal sealed record ProjectChange(string ProjectId, UpdateProject Change);

/// <summary>One revoked chain signature, hashed.</summary>
internal sealed record RevokedTail(string ProjectId, ReadOnlyMemory<byte> TailHash, string Reason);
