using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Accounts;
using Vault.Grains.Buckets;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Credentials;

/// <summary>Registered credentials: sealed records and sealed keys, found by lookup (decisions §5.4).</summary>
internal static class CredentialTable
{
    /// <summary>
    /// The record with its project and tenant as they are now; the key boxes come from their own queries.
    /// </summary>
    public static readonly SqlQuery<ReadOnlyMemory<byte>, CredentialView> ByLookup = new(
        $"""
        select c.record, c.recovery, t.state, c.expires_ms, c.revoked_ms, c.public, {ProjectTable.ViewColumns}
        from credential c
        join project p on p.project_id = c.project_id
        join tenant t on t.tenant_id = p.tenant_id
        where c.lookup = @lookup
        """,
        BindLookup,
        static row => new CredentialView
        {
            Record = row.Blob(0),
            Recovery = row.Bool(1),
            TenantState = (AccountState)row.Bigint(2),
            ExpiresMs = row.BigintOrNull(3),
            RevokedMs = row.BigintOrNull(4),
            Public = row.Bool(5),
            Project = ProjectTable.ReadView(row, 6),
            ProjectKeys = [],
            BucketKeys = [],
        });

    public static readonly SqlQuery<ReadOnlyMemory<byte>, KeyBox> ProjectKeys = new(
        "select key_no, box from project_key_box where lookup = @lookup order by key_no",
        BindLookup,
        static row => new KeyBox { KeyNo = row.Int(0), Box = row.Blob(1) });

    public static readonly SqlQuery<ReadOnlyMemory<byte>, BucketKeyBox> BucketKeys = new(
        """
        select bucket_id, key_no, box from credential_bucket_key_box
        where lookup = @lookup order by bucket_id, key_no
        """,
        BindLookup,
        static row => new BucketKeyBox { BucketId = row.BucketId(0), KeyNo = row.Int(1), Box = row.Blob(2) });

    public static readonly SqlQuery<CredentialPage, CredentialSummary> List = new(
        """
        select lookup, label, recovery, created_ms, expires_ms, revoked_ms, macaroon_id
        from credential where project_id = @project and lookup > @after order by lookup limit @limit
        """,
        static (p, page) =>
        {
            p.Text("project", page.ProjectId);
            p.Blob("after", page.After.Span);
            p.Bigint("limit", page.Limit);
        },
        static row => new CredentialSummary
        {
            Lookup = row.Blob(0),
            Label = row.Text(1),
            Recovery = row.Bool(2),
            CreatedMs = row.Bigint(3),
            ExpiresMs = row.BigintOrNull(4),
            RevokedMs = row.BigintOrNull(5),
            MacaroonId = row.Blob(6),
        });

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<string> ShareActiveProject = new(
        "select 1 from project where project_id = @project and state in (0, 1) for share",
        static (p, id) => p.Text("project", id));

    /// <summary>As a check; revoking again keeps the first time and reason.</summary>
    public static readonly SqlStatement<CredentialRevocation> Revoke = new(
        """
        update credential set revoked_ms = coalesce(revoked_ms, {now_ms}), reason = coalesce(reason, @reason)
        where lookup = @lookup returning 1
        """,
        static (p, r) =>
        {
            p.Text("reason", r.Reason);
            p.Blob("lookup", r.Lookup.Span);
        });

    public static readonly SqlStatement<CredentialRevocation> RevokedEvent = new(
        """
        insert into project_event (project_id, at_ms, event_id, kind, subject)
        select project_id, {now_ms}, @event, 'credential.revoked', @subject from credential where lookup = @lookup
        """,
        static (p, r) =>
        {
            p.Blob("event", r.EventId);
            p.Text("subject", ShortName(r.Lookup));
            p.Blob("lookup", r.Lookup.Span);
        });

    /// <summary>As a check: the lookup is new.</summary>
    private static readonly SqlStatement<CredentialRow> Insert = new(
        """
        insert into credential
          (lookup, project_id, record, macaroon_id, label, recovery, public, created_ms, expires_ms, public_key)
        values
          (@lookup, @project, @record, @macaroon, @label, @recovery, @public, {now_ms}, @expires, nullif(@key, @none))
        on conflict (lookup) do nothing returning 1
        """,
        static (p, row) =>
        {
            p.Blob("lookup", row.Credential.Lookup.Span);
            p.Text("project", row.ProjectId);
            p.Blob("record", row.Credential.Record.Span);
            p.Blob("macaroon", row.Credential.MacaroonId.Span);
            p.Text("label", row.Credential.Label);
            p.Bool("recovery", row.Credential.Recovery);
            p.Bool("public", row.Credential.Public);
            p.Bigint("expires", row.Credential.ExpiresMs);
            p.Blob("key", row.Credential.PublicKey.Span);
            p.Blob("none", []);
        });

    private static readonly SqlStatement<ProjectKeyRow> InsertProjectKey = new(
        "insert into project_key_box (lookup, key_no, box) values (@lookup, @key_no, @box)",
        static (p, row) =>
        {
            p.Blob("lookup", row.Lookup.Span);
            p.Bigint("key_no", row.Key.KeyNo);
            p.Blob("box", row.Key.Box.Span);
        });

    private static readonly SqlStatement<BucketKeyRow> InsertBucketKey = new(
        """
        insert into credential_bucket_key_box (lookup, bucket_id, key_no, box)
        values (@lookup, @bucket, @key_no, @box)
        """,
        static (p, row) =>
        {
            p.Blob("lookup", row.Lookup.Span);
            p.Id("bucket", row.Key.BucketId);
            p.Bigint("key_no", row.Key.KeyNo);
            p.Blob("box", row.Key.Box.Span);
        });

    /// <summary>Queues a credential with its boxes and its event, provided that no key was renewed meanwhile.</summary>
    public static void Add(SqlTransaction transaction, string projectId, NewCredential credential)
    {
        transaction.Check(Insert, new CredentialRow(projectId, credential));
        foreach (var key in credential.ProjectKeys)
        {
            transaction.Execute(InsertProjectKey, new ProjectKeyRow(credential.Lookup, key));
        }

        foreach (var bucket in credential.BucketKeys.GroupBy(k => k.BucketId, k => k.KeyNo))
        {
            transaction.Check(BucketKeyTable.ShareCurrent, new SealsOf(bucket.Key, bucket.Max(), 0));
        }

        foreach (var key in credential.BucketKeys)
        {
            transaction.Execute(InsertBucketKey, new BucketKeyRow(credential.Lookup, key));
        }

        transaction.Execute(
            EventTable.Insert, ProjectEventRow.New(projectId, "credential.created", ShortName(credential.Lookup)));
    }

    /// <summary>The part of a lookup that may be shown.</summary>
    public static string ShortName(ReadOnlyMemory<byte> lookup) =>
        Convert.ToHexStringLower(lookup.Span[..Math.Min(4, lookup.Length)]);

    private static void BindLookup(SqlParameters p, ReadOnlyMemory<byte> lookup) => p.Blob("lookup", lookup.Span);
}

/// <summary>A project's credentials after a lookup.</summary>
internal readonly record struct CredentialPage(string ProjectId, ReadOnlyMemory<byte> After, int Limit);

/// <summary>A credential to be registered.</summary>
internal sealed record CredentialRow(string ProjectId, NewCredential Credential);

/// <summary>A project key of a credential.</summary>
internal sealed record ProjectKeyRow(ReadOnlyMemory<byte> Lookup, KeyBox Key);

/// <summary>A bucket key of a credential.</summary>
internal sealed record BucketKeyRow(ReadOnlyMemory<byte> Lookup, BucketKeyBox Key);

/// <summary>A credential to be revoked.</summary>
internal sealed record CredentialRevocation(ReadOnlyMemory<byte> Lookup, string Reason, byte[] EventId);
