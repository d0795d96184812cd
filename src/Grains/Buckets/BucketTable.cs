using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>Buckets, their names and their sealed keys.</summary>
internal static class BucketTable
{
    /// <summary>Columns of <see cref="BucketView"/>, of a bucket called b.</summary>
    public const string ViewColumns =
        "b.bucket_id, b.name, b.project_id, b.config_version, b.partitions, b.key_no, b.region, b.created_ms";

    public const int ViewColumnCount = 8;

    public static readonly SqlQuery<string, BucketView> ByName = new(
        $"""
        select {ViewColumns} from bucket_name n join bucket b on b.bucket_id = n.bucket_id
        where n.name = @name and b.state = 0
        """,
        static (p, name) => p.Text("name", name),
        ReadView);

    public static readonly SqlQuery<BucketId, BucketView> ById = new(
        $"select {ViewColumns} from bucket b where b.bucket_id = @bucket and b.state = 0",
        static (p, id) => p.Id("bucket", id),
        ReadView);

    public static readonly SqlQuery<BucketListing, BucketView> List = new(
        $"""
        select {ViewColumns} from bucket b
        where b.project_id = @project and b.state = 0 and b.name > @after and b.name >= @first and b.name < @end
        order by b.name limit @limit
        """,
        static (p, l) =>
        {
            p.Text("project", l.ProjectId);
            p.Text("after", l.After);
            p.Text("first", l.Prefix);
            p.Text("end", l.Prefix + "\u007f");
            p.Bigint("limit", l.Limit);
        },
        ReadView);

    public static readonly SqlQuery<KeyBoxOf, byte[]> KeyBox = new(
        "select box from bucket_key_box where bucket_id = @bucket and key_no = @key_no and project_id = @project",
        static (p, k) => BindKey(p, k),
        static row => row.Blob(0));

    /// <summary>As a check: the project is active, and its row stays locked, so that the limit is exact.</summary>
    public static readonly SqlStatement<string> LockActiveProject = new(
        "update project set state = state where project_id = @project and state = 0 returning 1",
        static (p, project) => p.Text("project", project));

    /// <summary>As a check, after the lock.</summary>
    public static readonly SqlStatement<string> UnderLimit = new(
        """
        select 1 from project p
        where p.project_id = @project and (p.max_buckets = 0
          or (select count(*) from bucket b where b.project_id = @project) < p.max_buckets)
        """,
        static (p, project) => p.Text("project", project));

    /// <summary>As a check: the name is free.</summary>
    public static readonly SqlStatement<NewBucket> ClaimName = new(
        "insert into bucket_name (name, bucket_id) values (@name, @bucket) on conflict (name) do nothing returning 1",
        static (p, b) =>
        {
            p.Text("name", b.Name);
            p.Id("bucket", b.BucketId);
        });

    public static readonly SqlStatement<NewBucket> Insert = new(
        """
        insert into bucket
          (bucket_id, project_id, name, config_version, state, partitions, key_no, region, created_ms)
        values (@bucket, @project, @name, 1, 0, @partitions, 1, @region, {now_ms})
        """,
        static (p, b) =>
        {
            p.Id("bucket", b.BucketId);
            p.Text("project", b.ProjectId);
            p.Text("name", b.Name);
            p.Bigint("partitions", b.Partitions);
            p.Text("region", b.Region);
        });

    public static readonly SqlStatement<KeyBoxOf> InsertKeyBox = new(
        """
        insert into bucket_key_box (bucket_id, key_no, project_id, box)
        values (@bucket, @key_no, @project, @box) on conflict (bucket_id, key_no, project_id) do nothing
        """,
        static (p, k) =>
        {
            BindKey(p, k);
            p.Blob("box", k.Box.Span);
        });

    /// <summary>
    /// As a check, before the emptiness checks: waits for commits under way and keeps later ones out.
    /// </summary>
    public static readonly SqlStatement<BucketId> LockForDelete = new(
        "update bucket set config_version = config_version + 1 where bucket_id = @bucket and state = 0 returning 1",
        static (p, id) => p.Id("bucket", id));

    /// <summary>As a check.</summary>
    public static readonly SqlStatement<BucketId> HoldsNothing = new(
        """
        select 1
        where not exists (select 1 from object_head where bucket_id = @bucket)
          and not exists (select 1 from upload where bucket_id = @bucket and state = 0)
        """,
        static (p, id) => p.Id("bucket", id));

    /// <summary>What goes with a bucket, row by row.</summary>
    public static readonly SqlStatement<BucketId>[] Delete =
    [
        Of("delete from bucket_name where bucket_id = @bucket and name = (select name from bucket where bucket_id = "
            + "@bucket)"),
        Of("delete from bucket where bucket_id = @bucket"),
        Of("delete from bucket_key_box where bucket_id = @bucket"),
        Of("delete from credential_bucket_key_box where bucket_id = @bucket"),
        Of("delete from bucket_seal where bucket_id = @bucket"),
        Of("delete from usage_bucket where bucket_id = @bucket"),
    ];

    /// <summary>The fences of its index partitions.</summary>
    public static readonly SqlStatement<BucketId> DeleteFences = new(
        "delete from grain_fence where grain_id > @first and grain_id < @end",
        static (p, id) =>
        {
            p.Text("first", $"index/{id}/");
            p.Text("end", $"index/{id}0");
        });

    /// <summary>
    /// As a check: the next key number and no other. What is under way under the last one is decided again.
    /// </summary>
    public static readonly SqlStatement<KeyBoxOf> RaiseKeyNo = new(
        """
        update bucket set key_no = @key_no, config_version = config_version + 1
        where bucket_id = @bucket and key_no = @key_no - 1 and state = 0
        returning 1
        """,
        static (p, k) =>
        {
            p.Bigint("key_no", k.KeyNo);
            p.Id("bucket", k.BucketId);
        });

    /// <summary>
    /// The project's limits have changed: index activations, which remember a bucket by its version, read them again.
    /// </summary>
    public static readonly SqlStatement<string> DecideAnew = new(
        "update bucket set config_version = config_version + 1 where project_id = @project and state = 0",
        static (p, project) => p.Text("project", project));

    public static readonly SqlQuery<BucketId, BucketUsage> Usage = new(
        """
        select cast(coalesce(sum(objects), 0) as {bigint}), cast(coalesce(sum(bytes), 0) as {bigint})
        from usage_bucket where bucket_id = @bucket
        """,
        static (p, id) => p.Id("bucket", id),
        static row => new BucketUsage { Objects = row.Bigint(0), Bytes = row.Bigint(1) });

    /// <summary>Reads <see cref="ViewColumns"/> from column 0.</summary>
    public static BucketView ReadView(SqlRow row) => new()
    {
        BucketId = row.BucketId(0),
        Name = row.Text(1),
        ProjectId = row.ProjectId(2),
        ConfigVersion = row.Bigint(3),
        Partitions = row.Int(4),
        KeyNo = row.Int(5),
        Region = row.Text(6),
        CreatedMs = row.Bigint(7),
    };

    private static SqlStatement<BucketId> Of(string text) => new(text, static (p, id) => p.Id("bucket", id));

    private static void BindKey(SqlParameters p, KeyBoxOf key)
    {
        p.Id("bucket", key.BucketId);
        p.Bigint("key_no", key.KeyNo);
        p.Text("project", key.ProjectId);
    }
}

/// <summary>A project's buckets from some name on.</summary>
internal readonly record struct BucketListing(string ProjectId, string Prefix, string After, int Limit);

/// <summary>A bucket key as sealed for one project.</summary>
internal readonly record struct KeyBoxOf(BucketId BucketId, int KeyNo, string ProjectId, ReadOnlyMemory<byte> Box);

/// <summary>A bucket to be made.</summary>
internal sealed record NewBucket
{
    public required string Name { get; init; }

    public required BucketId BucketId { get; init; }

    public required string ProjectId { get; init; }

    public required int Partitions { get; init; }

    public required string Region { get; init; }
}
