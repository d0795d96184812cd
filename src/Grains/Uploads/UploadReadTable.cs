using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Buckets;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Uploads;

/// <summary>Reads of uploads and parts.</summary>
internal static class UploadReadTable
{
    private const string Columns = """
        u.upload_id, u.key, u.initiated_ms, u.parts_version, u.key_no, u.upload_box, u.state, u.result_box, u.result_key_no
        """;

    /// <summary>The bucket, and the upload of that key unless it was aborted.</summary>
    public static readonly SqlQuery<UploadRequest, UploadRead> Read = new(
        $"""
        select {BucketTable.ViewColumns}, {Columns}
        from bucket_name n
        join bucket b on b.bucket_id = n.bucket_id
        left join upload u on u.upload_id = @upload and u.bucket_id = b.bucket_id and u.key = @key and u.state in (0, 1)
        where n.name = @name and b.state = 0
        """,
        static (p, r) =>
        {
            p.Id("upload", r.UploadId);
            p.Blob("key", r.Key.Span);
            p.Text("name", r.Bucket);
        },
        static row => new UploadRead
        {
            Bucket = BucketTable.ReadView(row),
            Upload = row.IsNull(BucketTable.ViewColumnCount) ? null : ReadView(row, BucketTable.ViewColumnCount),
        });

    public static readonly SqlQuery<UploadId, Objects.Count> PartsVersion = new(
        "select parts_version from upload where upload_id = @upload",
        static (p, id) => p.Id("upload", id),
        static row => new Objects.Count(row.Bigint(0)));

    public static readonly SqlQuery<PartsAfter, PartView> Parts = new(
        """
        select part_number, size, modified_ms, object_id, key_no, part_box from upload_part
        where upload_id = @upload and part_number > @after order by part_number limit @limit
        """,
        static (p, a) =>
        {
            p.Id("upload", a.UploadId);
            p.Bigint("after", a.PartNumber);
            p.Bigint("limit", a.Limit);
        },
        static row => new PartView
        {
            PartNumber = row.Int(0), Size = row.Bigint(1), ModifiedMs = row.Bigint(2), ObjectId = row.ObjectId(3),
            KeyNo = row.Int(4), PartBox = row.Blob(5),
        });

    /// <summary>Open uploads from a position on, by key and then id.</summary>
    public static readonly SqlQuery<UploadRange, UploadView> Open = new(
        $"""
        select {Columns} from upload u
        where u.bucket_id = @bucket and u.state = 0 and u.key >= @from and u.key < @end
          and (u.key > @from or u.upload_id > @after)
        order by u.key, u.upload_id limit @limit
        """,
        static (p, r) =>
        {
            p.Id("bucket", r.BucketId);
            p.Blob("from", r.From.Span);
            p.Blob("end", r.End);
            p.Blob("after", r.AfterUpload);
            p.Bigint("limit", r.Limit);
        },
        static row => ReadView(row, 0));

    private static UploadView ReadView(SqlRow row, int at) => new()
    {
        UploadId = row.UploadId(at),
        Key = row.Blob(at + 1),
        InitiatedMs = row.Bigint(at + 2),
        PartsVersion = row.Bigint(at + 3),
        KeyNo = row.Int(at + 4),
        UploadBox = row.Blob(at + 5),
        Completed = (UploadState)row.Bigint(at + 6) == UploadState.Completed,
        ResultBox = row.BlobOrNull(at + 7),
        ResultKeyNo = (int)(row.BigintOrNull(at + 8) ?? 0),
    };
}

/// <summary>An upload as a request names it.</summary>
internal sealed record UploadRequest(string Bucket, ReadOnlyMemory<byte> Key, UploadId UploadId);

/// <summary>Parts of an upload after a number.</summary>
internal readonly record struct PartsAfter(UploadId UploadId, int PartNumber, int Limit);

/// <summary>Open uploads from a key and, at that key, after an upload.</summary>
internal sealed record UploadRange
{
    public required BucketId BucketId { get; init; }

    public required ReadOnlyMemory<byte> From { get; init; }

    public required byte[] End { get; init; }

    /// <summary>Empty: all uploads of the first key; 16 bytes FF: none of them.</summary>
    public required byte[] AfterUpload { get; init; }

    public required int Limit { get; init; }
}
