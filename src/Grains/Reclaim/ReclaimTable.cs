using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Reclaim;

/// <summary>What is dead, expired or nobody's; ages are told by the database's clock.</summary>
internal static class ReclaimTable
{
    public static readonly SqlStatement<GatewayRead> Publish = new(
        """
        insert into gateway_read (gateway_id, oldest_read_ms, seen_ms) values (@gateway, @oldest, {now_ms})
        on conflict (gateway_id) do update set oldest_read_ms = excluded.oldest_read_ms, seen_ms = excluded.seen_ms
        """,
        static (p, g) =>
        {
            p.Text("gateway", g.GatewayId);
            p.Bigint("oldest", g.OldestReadMs);
        });

    /// <summary>Manifests that died long enough ago, and before every read that still runs began.</summary>
    public static readonly SqlQuery<DeadLine, DeadManifest> Dead = new(
        """
        select object_id, kind, pages, dead_ms, body from manifest
        where dead_ms is not null and refs = 0 and dead_ms <= {now_ms} - @grace
          and dead_ms < coalesce(
            (select min(oldest_read_ms) from gateway_read where seen_ms >= {now_ms} - @lapse), {now_ms} + 1)
          and (dead_ms > @after_ms or (dead_ms = @after_ms and object_id > @after_id))
        order by dead_ms, object_id limit 64
        """,
        static (p, d) =>
        {
            p.Bigint("grace", d.GraceMs);
            p.Bigint("lapse", d.LapseMs);
            p.Bigint("after_ms", d.AfterMs);
            p.Blob("after_id", d.AfterId);
        },
        static row => new DeadManifest
        {
            ObjectId = row.ObjectId(0), Kind = (ManifestKind)row.Bigint(1), Pages = row.Int(2), DeadMs = row.Bigint(3),
            Body = row.BlobOrNull(4),
        });

    public static readonly SqlQuery<ObjectId, byte[]> Pages = new(
        "select body from manifest_page where object_id = @object order by page",
        static (p, id) => p.Id("object", id),
        static row => row.Blob(0));

    /// <summary>The pages of a manifest put together; empty when it has none.</summary>
    public static async Task<byte[]> ReadPagesAsync(this Database database, ObjectId id, CancellationToken ct)
    {
        var whole = new MemoryStream();
        foreach (var page in await database.ReadAsync(Pages, id, ct))
        {
            whole.Write(page);
        }

        return whole.ToArray();
    }

    /// <summary>
    /// A part dies with its composite, at the composite's time: no read can hold one without the other.
    /// </summary>
    public static readonly SqlStatement<DeadPart> KillPart = new(
        "update manifest set refs = 0, dead_ms = @dead where object_id = @object and refs = 1",
        static (p, d) =>
        {
            p.Bigint("dead", d.DeadMs);
            p.Id("object", d.ObjectId);
        });

    /// <summary>Never those of a manifest that lives.</summary>
    public static readonly SqlStatement<ObjectId> DeletePages = new(
        """
        delete from manifest_page
        where object_id = @object and not exists (select 1 from manifest where object_id = @object and refs > 0)
        """,
        static (p, id) => p.Id("object", id));

    public static readonly SqlStatement<ObjectId> DeleteManifest = new(
        "delete from manifest where object_id = @object and refs = 0", static (p, id) => p.Id("object", id));

    /// <summary>Whether somebody answers for an object's shards: its manifest, alive or dead.</summary>
    public static readonly SqlQuery<ObjectId, Count> Exists = new(
        "select 1 from manifest where object_id = @object",
        static (p, id) => p.Id("object", id),
        static row => new Count(row.Bigint(0)));

    /// <summary>Pages of manifests that were never committed, staged in a stretch of time.</summary>
    public static readonly SqlQuery<Stretch, ObjectId> StrayPages = new(
        """
        select distinct p.object_id from manifest_page p
        where p.created_ms > @from and p.created_ms <= @to
          and not exists (select 1 from manifest m where m.object_id = p.object_id)
        """,
        static (p, s) =>
        {
            p.Bigint("from", s.FromMs);
            p.Bigint("to", s.ToMs);
        },
        static row => row.ObjectId(0));

    public static readonly SqlQuery<long, UploadKeyRow> OldUploads = new(
        """
        select bucket_id, key, upload_id from upload
        where state = 0 and initiated_ms <= {now_ms} - @age order by initiated_ms limit 100
        """,
        static (p, age) => p.Bigint("age", age),
        static row => new UploadKeyRow(new UploadKey(row.BucketId(0), row.Blob(1), row.UploadId(2))));

    /// <summary>What is only kept for a while.</summary>
    public static readonly SqlStatement<long> ForgetEnded = Of(
        "delete from upload where state in (1, 2) and initiated_ms <= {now_ms} - @age and ended_ms <= {now_ms} - @age");

    public static readonly SqlStatement<long>[] ForgetMemos =
    [
        Of("delete from idempotency where claimed_ms <= {now_ms} - @age"),
        Of("delete from usage_report where at_ms <= {now_ms} - @age"),
        Of("delete from gateway_read where seen_ms <= {now_ms} - @age"),
        Of("delete from commit_memo where written_ms <= {now_ms} - @age"),
    ];

    private static SqlStatement<long> Of(string text) => new(text, static (p, age) => p.Bigint("age", age));
}

/// <summary>A front end's oldest running read.</summary>
internal sealed record GatewayRead(string GatewayId, long OldestReadMs);

/// <summary>Which dead manifests may go, from a position on.</summary>
internal sealed record DeadLine(long GraceMs, long LapseMs, long AfterMs, byte[] AfterId);

/// <summary>A manifest that nothing refers to.</summary>
internal sealed record DeadManifest
{
    public required ObjectId ObjectId { get; init; }

    public required ManifestKind Kind { get; init; }

    public required int Pages { get; init; }

    public required long DeadMs { get; init; }

    /// <summary>Null: in pages.</summary>
    public required byte[]? Body { get; init; }
}

/// <summary>A part of a dead composite.</summary>
internal readonly record struct DeadPart(ObjectId ObjectId, long DeadMs);

/// <summary>A stretch of time; the end belongs to it.</summary>
internal readonly record struct Stretch(long FromMs, long ToMs);

/// <summary>An upload as a row.</summary>
internal sealed record UploadKeyRow(UploadKey Key);
