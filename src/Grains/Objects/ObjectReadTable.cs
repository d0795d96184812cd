using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Buckets;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>The joined reads behind every object request.</summary>
internal static class ObjectReadTable
{
    private const string Columns = BucketTable.ViewColumns + """
        , h.seq, h.version_id, h.size, h.modified_ms, h.key_no, h.list_box, h.object_id, h.part_count, y.head_box
        """;

    private const string Tables = """
         from bucket_name n
        join bucket b on b.bucket_id = n.bucket_id
        left join object_head h on h.bucket_id = b.bucket_id and h.key = @key
        left join object_body y on y.body_id = h.body_id
        """;

    /// <summary>Bucket, and the head when there is one.</summary>
    public static readonly SqlQuery<HeadRequest, HeadRead> Head = new(
        "select " + Columns + Tables + " where n.name = @name and b.state = 0", Bind, static row => Read(row, false));

    /// <summary>The same with the inline body or a short manifest.</summary>
    public static readonly SqlQuery<HeadRequest, HeadRead> HeadAndBody = new(
        "select " + Columns + ", y.inline, m.body" + Tables + """
         left join manifest m on m.object_id = h.object_id and m.body_bytes <= 4096
        where n.name = @name and b.state = 0
        """,
        Bind,
        static row => Read(row, true));

    private static void Bind(SqlParameters p, HeadRequest request)
    {
        p.Blob("key", request.Key.Span);
        p.Text("name", request.Bucket);
    }

    private static HeadRead Read(SqlRow row, bool withBody)
    {
        var bucket = BucketTable.ReadView(row);
        const int at = BucketTable.ViewColumnCount;
        if (row.IsNull(at))
        {
            return new HeadRead { Bucket = bucket };
        }

        return new HeadRead
        {
            Bucket = bucket,
            Head = new SealedHead
            {
                Sequence = row.Bigint(at),
                VersionId = row.VersionId(at + 1),
                Size = row.Bigint(at + 2),
                ModifiedMs = row.Bigint(at + 3),
                KeyNo = row.Int(at + 4),
                ListBox = row.Blob(at + 5),
                ObjectId = row.ObjectIdOrNull(at + 6),
                PartCount = row.Int(at + 7),
                HeadBox = row.Blob(at + 8),
                Inline = withBody ? row.BlobOrNull(at + 9) : null,
                Manifest = withBody ? row.BlobOrNull(at + 10) : null,
            },
        };
    }
}
