using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>Tenants.</summary>
internal static class TenantTable
{
    private const string Columns =
        "tenant_id, name, owner_email, max_projects, max_storage_bytes, max_egress_bytes, state, created_ms";

    public static readonly SqlQuery<string, TenantView> ById = new(
        $"select {Columns} from tenant where tenant_id = @tenant",
        static (p, id) => p.Text("tenant", id),
        ReadView);

    public static readonly SqlQuery<AccountPage, TenantView> List = new(
        $"select {Columns} from tenant where tenant_id > @after order by tenant_id limit @limit",
        static (p, page) =>
        {
            p.Text("after", page.After);
            p.Bigint("limit", page.Limit);
        },
        ReadView);

    public static readonly SqlStatement<TenantRow> Insert = new(
        """
        insert into tenant
          (tenant_id, name, owner_email, max_projects, max_storage_bytes, max_egress_bytes, state, created_ms)
        values (@tenant, @name, @email, @projects, @storage, @egress, 0, {now_ms})
        on conflict (tenant_id) do nothing
        """,
        static (p, t) =>
        {
            p.Text("tenant", t.TenantId);
            p.Text("name", t.Name);
            p.Text("email", t.OwnerEmail);
            BindLimits(p, t.Limits);
        });

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<TenantChange> Update = new(
        """
        update tenant set state = coalesce(@state, state),
          max_projects = coalesce(@projects, max_projects),
          max_storage_bytes = coalesce(@storage, max_storage_bytes),
          max_egress_bytes = coalesce(@egress, max_egress_bytes)
        where tenant_id = @tenant returning 1
        """,
        static (p, c) =>
        {
            p.Bigint("state", (long?)c.State);
            p.Bigint("projects", (long?)c.Limits?.Projects);
            p.Bigint("storage", c.Limits?.StorageBytes);
            p.Bigint("egress", c.Limits?.EgressBytesPerMonth);
            p.Text("tenant", c.TenantId);
        });

    /// <summary>As a check: the tenant is active, and its row stays locked, so that its limit is exact.</summary>
    public static readonly SqlStatement<string> LockActive = new(
        "update tenant set state = state where tenant_id = @tenant and state = 0 returning 1",
        static (p, id) => p.Text("tenant", id));

    /// <summary>As a check, after the lock.</summary>
    public static readonly SqlStatement<string> UnderLimit = new(
        """
        select 1 from tenant t
        where t.tenant_id = @tenant and (t.max_projects = 0
          or (select count(*) from project p where p.tenant_id = @tenant) < t.max_projects)
        """,
        static (p, id) => p.Text("tenant", id));

    /// <summary>As a check, before the emptiness check.</summary>
    public static readonly SqlStatement<string> Lock = new(
        "update tenant set state = state where tenant_id = @tenant returning 1",
        static (p, id) => p.Text("tenant", id));

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<string> HasNoProject = new(
        "select 1 where not exists (select 1 from project where tenant_id = @tenant)",
        static (p, id) => p.Text("tenant", id));

    public static readonly SqlStatement<string> Delete = new(
        "delete from tenant where tenant_id = @tenant",
        static (p, id) => p.Text("tenant", id));

    private static void BindLimits(SqlParameters p, TenantLimits limits)
    {
        p.Bigint("projects", limits.Projects);
        p.Bigint("storage", limits.StorageBytes);
        p.Bigint("egress", limits.EgressBytesPerMonth);
    }

    private static TenantView ReadView(SqlRow row) => new()
    {
        TenantId = row.TenantId(0),
        Name = row.Text(1),
        OwnerEmail = row.Text(2),
        Limits = new TenantLimits
        {
            Projects = row.Int(3), StorageBytes = row.Bigint(4), EgressBytesPerMonth = row.Bigint(5),
        },
        State = (AccountState)row.Bigint(6),
        CreatedMs = row.Bigint(7),
    };
}

/// <summary>Accounts after an id.</summary>
internal readonly record struct AccountPage(string After, int Limit);

/// <summary>A tenant to be made.</summary>
internal sealed record TenantRow(string TenantId, string Name, string OwnerEmail, TenantLimits Limits);

/// <summary>A change; null stays.</summary>
internal sealed record TenantChange(string TenantId, AccountState? State, TenantLimits? Limits);
