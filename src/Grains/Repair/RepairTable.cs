using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Repair;

/// <summary>Bodies that wait for repair, the search for those that name a lost volume, and new locations.</summary>
internal static class RepairTable
{
    /// <summary>
    /// Reason 1: written without some shards; 2: reported; 3: names a lost volume. <c>created_ms</c> rises each time,
    /// so that a repair which began before does not end what was said since.
    /// </summary>
    public static readonly SqlStatement<RepairReason> Add = new(
        """
        insert into repair (object_id, reason, due_ms, created_ms, tries)
        values (@object, @reason, {now_ms}, {now_ms}, 0)
        on conflict (object_id) do update set created_ms =
          case when excluded.created_ms > repair.created_ms then excluded.created_ms else repair.created_ms + 1 end
        """,
        static (p, r) =>
        {
            p.Id("object", r.ObjectId);
            p.Bigint("reason", r.Reason);
        });

    public static readonly SqlQuery<int, RepairRow> Due = new(
        """
        select object_id, tries, created_ms from repair where due_ms <= {now_ms} order by due_ms, object_id limit @limit
        """,
        static (p, limit) => p.Bigint("limit", limit),
        static row => new RepairRow(row.ObjectId(0), row.Bigint(1), row.Bigint(2)));

    public static readonly SqlQuery<bool, RepairCount> Count = new(
        """
        select count(*), (select count(*) from volume where state = 1 and checked_ms is null),
          (select count(*) from repair where tries >= 1000000)
        from repair
        """,
        static (_, _) => { },
        static row => new RepairCount(row.Bigint(0), row.Bigint(1), row.Bigint(2)));

    /// <summary>Unless something was said of it since it was read.</summary>
    public static readonly SqlStatement<RepairRow> Done = new(
        "delete from repair where object_id = @object and created_ms = @told",
        static (p, row) =>
        {
            p.Id("object", row.ObjectId);
            p.Bigint("told", row.ToldMs);
        });

    /// <summary>tries of a million and more: fewer shards than needed were found.</summary>
    public static readonly SqlStatement<RepairDelay> Later = new(
        "update repair set due_ms = {now_ms} + @wait, tries = @tries where object_id = @object",
        static (p, d) =>
        {
            p.Bigint("wait", d.WaitMs);
            p.Bigint("tries", d.Tries);
            p.Id("object", d.ObjectId);
        });

    public static readonly SqlStatement<bool> AllDue = new(
        "update repair set due_ms = {now_ms} where due_ms > {now_ms}", static (_, _) => { });

    public static readonly SqlQuery<ObjectId, RepairManifest> Manifest = new(
        "select object_id, kind, refs, pages, body from manifest where object_id = @object",
        static (p, id) => p.Id("object", id),
        static row => Read(row));

    /// <summary>Manifests of bodies in the order of their ids, from one on.</summary>
    public static readonly SqlQuery<byte[], RepairManifest> Next = new(
        """
        select object_id, kind, refs, pages, body from manifest
        where object_id > @after and kind = 0 and refs > 0 order by object_id limit 256
        """,
        static (p, after) => p.Blob("after", after),
        static row => Read(row));

    /// <summary>As a check: a manifest that has died meanwhile is left alone.</summary>
    public static readonly SqlStatement<NewLocations> Save = new(
        """
        update manifest set body = @body, body_bytes = @bytes, pages = @pages
        where object_id = @object and refs > 0 returning 1
        """,
        static (p, n) =>
        {
            if (n.Pages == 1)
            {
                p.Blob("body", n.Body.Span);
            }
            else
            {
                p.Blob("body", (byte[]?)null);
            }

            p.Bigint("bytes", n.Pages == 1 ? n.Body.Length : 0);
            p.Bigint("pages", n.Pages);
            p.Id("object", n.ObjectId);
        });

    /// <summary>Before the pages of the new locations.</summary>
    public static readonly SqlStatement<ObjectId> DeletePages = new(
        "delete from manifest_page where object_id = @object", static (p, id) => p.Id("object", id));

    /// <summary>The lost volume whose search is due, with how far it came.</summary>
    public static readonly SqlQuery<SearchAges, LostVolume> Search = new(
        """
        select number, check_after from volume
        where state = 1 and (checked_ms is null
          or (checked_ms <= {now_ms} - @period and lost_ms > {now_ms} - @age))
        order by number limit 1
        """,
        static (p, a) =>
        {
            p.Bigint("period", a.PeriodMs);
            p.Bigint("age", a.AgeMs);
        },
        static row => new LostVolume(checked((uint)row.Bigint(0)), row.BlobOrNull(1) ?? []));

    public static readonly SqlStatement<LostVolume> Searched = new(
        "update volume set check_after = @after where number = @number and state = 1",
        static (p, v) =>
        {
            p.Blob("after", v.After);
            p.Bigint("number", v.Number);
        });

    public static readonly SqlStatement<uint> SearchEnded = new(
        "update volume set checked_ms = {now_ms}, check_after = null where number = @number and state = 1",
        static (p, number) => p.Bigint("number", number));

    private static RepairManifest Read(SqlRow row) => new()
    {
        ObjectId = row.ObjectId(0), Kind = (ManifestKind)row.Bigint(1), References = row.Bigint(2), Pages = row.Int(3),
        Body = row.BlobOrNull(4),
    };
}

/// <summary>A body and why it is to be repaired.</summary>
internal readonly record struct RepairReason(ObjectId ObjectId, int Reason)
{
    public static RepairReason Written(ObjectId id) => new(id, 1);

    public static RepairReason Reported(ObjectId id) => new(id, 2);

    public static RepairReason NamesLost(ObjectId id) => new(id, 3);
}

/// <summary>A body that is due, with the last time at which something was said of it.</summary>
internal sealed record RepairRow(ObjectId ObjectId, long Tries, long ToldMs);

/// <summary>How much waits.</summary>
internal sealed record RepairCount(long Pending, long Searching, long Irreparable);

/// <summary>When a body is due again.</summary>
internal readonly record struct RepairDelay(ObjectId ObjectId, long WaitMs, long Tries);

/// <summary>How often a lost volume is searched for.</summary>
internal readonly record struct SearchAges(long PeriodMs, long AgeMs);

/// <summary>A lost volume, and the last body that was looked at for it.</summary>
internal sealed record LostVolume(uint Number, byte[] After);

/// <summary>A manifest as repair sees it.</summary>
internal sealed record RepairManifest
{
    public required ObjectId ObjectId { get; init; }

    public required ManifestKind Kind { get; init; }

    public required long References { get; init; }

    public required int Pages { get; init; }

    /// <summary>Null: in pages.</summary>
    public required byte[]? Body { get; init; }
}

/// <summary>A manifest with other locations.</summary>
internal sealed record NewLocations(ObjectId ObjectId, ReadOnlyMemory<byte> Body)
{
    public int Pages => (Body.Length + CompositeParts.PageBytes - 1) / CompositeParts.PageBytes;

    public StagedPage Page(int page) => new(ObjectId, page, Body.Slice(
        page * CompositeParts.PageBytes,
        Math.Min(CompositeParts.PageBytes, Body.Length - page * CompositeParts.PageBytes)));
}
