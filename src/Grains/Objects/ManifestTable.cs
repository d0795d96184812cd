using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// Manifests and their reference counts. A manifest with no reference left is dead for ever (decisions §3.7).
/// </summary>
internal static class ManifestTable
{
    /// <summary>As a check: refuses an object id that is there already.</summary>
    public static readonly SqlStatement<NewManifest> Insert = new(
        """
        insert into manifest (object_id, project_id, refs, kind, pages, stored_bytes, created_ms, body_bytes, body)
        values (@object, @project, 1, @kind, @pages, @stored, {now_ms}, @body_bytes, @body)
        on conflict (object_id) do nothing
        returning 1
        """,
        static (p, m) =>
        {
            p.Id("object", m.ObjectId);
            p.Text("project", m.ProjectId);
            p.Bigint("kind", (long)m.Kind);
            p.Bigint("pages", m.Pages);
            p.Bigint("stored", m.StoredBytes);
            p.Bigint("body_bytes", m.Body.Length);
            if (m.Staged)
            {
                p.Blob("body", (byte[]?)null);
            }
            else
            {
                p.Blob("body", m.Body.Span);
            }
        });

    /// <summary>As a check: a dead manifest cannot be shared any more.</summary>
    public static readonly SqlStatement<ReferenceDelta> Share = new(
        "update manifest set refs = refs + @delta where object_id = @object and refs > 0 returning 1",
        static (p, d) =>
        {
            p.Bigint("delta", d.Delta);
            p.Id("object", d.ObjectId);
        });

    public static readonly SqlStatement<ReferenceDelta> Release = new(
        """
        update manifest
        set refs = refs - @delta, dead_ms = case when refs = @delta then {now_ms} end
        where object_id = @object and refs >= @delta
        """,
        static (p, d) =>
        {
            p.Bigint("delta", -d.Delta);
            p.Id("object", d.ObjectId);
        });

    public static readonly SqlStatement<StagedPage> StagePage = new(
        """
        insert into manifest_page (object_id, page, created_ms, body) values (@object, @page, {now_ms}, @body)
        on conflict (object_id, page) do nothing
        """,
        static (p, s) =>
        {
            p.Id("object", s.ObjectId);
            p.Bigint("page", s.Page);
            p.Blob("body", s.Body.Span);
        });

    public static readonly SqlQuery<StagedPage, ManifestPage> ReadPage = new(
        """
        select coalesce(m.body, p.body), m.pages
        from manifest m left join manifest_page p on p.object_id = m.object_id and p.page = @page
        where m.object_id = @object and @page < m.pages
        """,
        static (p, s) =>
        {
            p.Bigint("page", s.Page);
            p.Id("object", s.ObjectId);
        },
        static row => new ManifestPage { Body = row.Blob(0), Pages = row.Int(1) });

    public static readonly SqlQuery<bool, Count> Now = new(
        "select {now_ms}", static (_, _) => { }, static row => new Count(row.Bigint(0)));
}

/// <summary>What a manifest describes; the numbers are stored.</summary>
internal enum ManifestKind
{
    /// <summary>Chunks on the volumes.</summary>
    Body = 0,

    /// <summary>Other manifests, in order.</summary>
    Composite = 1,
}

/// <summary>A manifest that a commit adds, with one reference.</summary>
internal sealed record NewManifest
{
    public required ObjectId ObjectId { get; init; }

    public required string ProjectId { get; init; }

    public required ManifestKind Kind { get; init; }

    /// <summary>How many pages there are, at least 1.</summary>
    public required int Pages { get; init; }

    /// <summary>The pages are in manifest_page; otherwise <see cref="Body"/> is all of it.</summary>
    public required bool Staged { get; init; }

    public required long StoredBytes { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>References gained (positive) or lost.</summary>
internal readonly record struct ReferenceDelta(ObjectId ObjectId, long Delta);

/// <summary>One page of a manifest.</summary>
internal readonly record struct StagedPage(ObjectId ObjectId, int Page, ReadOnlyMemory<byte> Body);
