using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>The statements of index commits, in the order in which a transaction uses them.</summary>
internal static class ObjectTable
{
    private const string Held =
        """
        select 1 from grain_fence f, bucket b
        where f.grain_id = @grain and f.fence = @fence
          and b.bucket_id = @bucket and b.config_version = @config and b.state = 0
          and {now_ms} <= @deadline
        """;

    /// <summary>
    /// What an activation knows beside its keys: its fence as stored, the bucket, the database's time.
    /// </summary>
    public static readonly SqlQuery<IndexGuard, IndexContext> Context = new(
        """
        select f.fence, {now_ms}, b.config_version, b.project_id, coalesce(p.max_storage_bytes, 0)
        from grain_fence f
        left join bucket b on b.bucket_id = @bucket and b.state = 0
        left join project p on p.project_id = b.project_id
        where f.grain_id = @grain
        """,
        static (p, g) =>
        {
            p.Id("bucket", g.BucketId);
            p.Text("grain", g.GrainId);
        },
        static row => new IndexContext
        {
            Fence = row.Bigint(0),
            NowMs = row.Bigint(1),
            Bucket = row.IsNull(2)
                ? null
                : new IndexBucket
                {
                    ConfigVersion = row.Bigint(2), ProjectId = row.Text(3), QuotaBytes = row.Bigint(4),
                },
        });

    public static readonly SqlQuery<PendingCommit, HeadRow> Head = new(
        """
        select seq, version_id, size, modified_ms, body_id, object_id
        from object_head where bucket_id = @bucket and key = @key
        """,
        static (p, m) =>
        {
            p.Id("bucket", m.BucketId);
            p.Blob("key", m.Key.Span);
        },
        static row => new HeadRow
        {
            Sequence = row.Bigint(0), VersionId = row.VersionId(1), Size = row.Bigint(2), ModifiedMs = row.Bigint(3),
            BodyId = row.Bigint(4), ObjectId = row.ObjectIdOrNull(5),
        });

    public static readonly SqlQuery<ObjectId, Count> References = new(
        "select refs from manifest where object_id = @object",
        static (p, id) => p.Id("object", id),
        static row => new Count(row.Bigint(0)));

    public static readonly SqlQuery<ObjectId, Count> StagedPages = new(
        "select count(*) from manifest_page where object_id = @object",
        static (p, id) => p.Id("object", id),
        static row => new Count(row.Bigint(0)));

    public static readonly SqlQuery<string, Count> ProjectBytes = new(
        "select cast(coalesce(sum(bytes), 0) as {bigint}) from usage_bucket where project_id = @project",
        static (p, project) => p.Text("project", project),
        static row => new Count(row.Bigint(0)));

    /// <summary>Fence, bucket and age of the oldest grant, checked in the transaction itself.</summary>
    public static readonly SqlStatement<IndexGuard> Guard = new(Held + " for share", Bind);

    /// <summary>The same where nothing is written, so that nothing needs to be kept from changing.</summary>
    public static readonly SqlStatement<IndexGuard> StillHeld = new(Held, Bind);

    public static readonly SqlStatement<PendingPut> PutHead = new(
        """
        insert into object_head
          (bucket_id, key, seq, version_id, size, modified_ms, key_no, part_count, body_id, object_id, list_box)
        values (@bucket, @key, @seq, @version, @size, @modified, @key_no, @parts, @body, @object, @list_box)
        on conflict (bucket_id, key) do update set
          seq = excluded.seq, version_id = excluded.version_id, size = excluded.size,
          modified_ms = excluded.modified_ms, key_no = excluded.key_no, part_count = excluded.part_count,
          body_id = excluded.body_id, object_id = excluded.object_id, list_box = excluded.list_box
        """,
        static (p, m) =>
        {
            p.Id("bucket", m.Put.BucketId);
            p.Blob("key", m.Put.Key.Span);
            p.Bigint("seq", m.Accepted!.Sequence);
            p.Id("version", m.Put.VersionId);
            p.Bigint("size", m.Put.Size);
            p.Bigint("modified", m.Accepted.ModifiedMs);
            p.Bigint("key_no", m.Put.KeyNo);
            p.Bigint("parts", m.PartCount);
            p.Bigint("body", m.Accepted.BodyId);
            p.Id("object", m.Put.Body.ObjectId);
            p.Blob("list_box", m.Put.ListBox.Span);
        });

    public static readonly SqlStatement<PendingCommit> DeleteHead = new(
        "delete from object_head where bucket_id = @bucket and key = @key",
        static (p, m) =>
        {
            p.Id("bucket", m.BucketId);
            p.Blob("key", m.Key.Span);
        });

    public static readonly SqlStatement<PendingPut> PutBody = new(
        "insert into object_body (body_id, head_box, inline) values (@body, @head_box, @inline)",
        static (p, m) =>
        {
            p.Bigint("body", m.Accepted!.BodyId);
            p.Blob("head_box", m.Put.HeadBox.Span);
            if (m.Put.Body.Inline.IsEmpty)
            {
                p.Blob("inline", (byte[]?)null);
            }
            else
            {
                p.Blob("inline", m.Put.Body.Inline.Span);
            }
        });

    public static readonly SqlStatement<long> DeleteBody = new(
        "delete from object_body where body_id = @body",
        static (p, body) => p.Bigint("body", body));

    public static readonly SqlStatement<UsageDelta> AddUsage = new(
        """
        insert into usage_bucket (bucket_id, part, project_id, objects, bytes)
        values (@bucket, @part, @project, @objects, @bytes)
        on conflict (bucket_id, part) do update set
          objects = usage_bucket.objects + excluded.objects, bytes = usage_bucket.bytes + excluded.bytes
        """,
        static (p, u) =>
        {
            p.Id("bucket", u.BucketId);
            p.Bigint("part", u.Partition);
            p.Text("project", u.ProjectId);
            p.Bigint("objects", u.Objects);
            p.Bigint("bytes", u.Bytes);
        });

    private static void Bind(SqlParameters p, IndexGuard g)
    {
        p.Text("grain", g.GrainId);
        p.Bigint("fence", g.Fence);
        p.Id("bucket", g.BucketId);
        p.Bigint("config", g.ConfigVersion);
        p.Bigint("deadline", g.DeadlineMs);
    }
}

/// <summary>A number as a row.</summary>
internal sealed record Count(long Value);

/// <summary>What a commit is conditional on.</summary>
internal sealed record IndexGuard
{
    public required string GrainId { get; init; }

    public required BucketId BucketId { get; init; }

    public required long Fence { get; init; }

    public long ConfigVersion { get; init; }

    public long DeadlineMs { get; init; } = long.MaxValue;
}

/// <summary>An activation's surroundings as of one read.</summary>
internal sealed record IndexContext
{
    public required long Fence { get; init; }

    public required long NowMs { get; init; }

    /// <summary>Null: the bucket is gone.</summary>
    public required IndexBucket? Bucket { get; init; }
}

/// <summary>The bucket as of one read; each commit checks that it still is.</summary>
internal sealed record IndexBucket
{
    public required long ConfigVersion { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>0: no limit.</summary>
    public required long QuotaBytes { get; init; }
}

/// <summary>What a batch changes in the counters.</summary>
internal sealed record UsageDelta
{
    public required BucketId BucketId { get; init; }

    public required int Partition { get; init; }

    public required string ProjectId { get; init; }

    public required long Objects { get; init; }

    public required long Bytes { get; init; }
}
