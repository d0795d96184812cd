using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Uploads;

/// <summary>Uploads and their parts: each change is conditional on the upload's row, which it takes first.</summary>
internal static class UploadTable
{
    private static readonly byte[] Chosen = [1];

    public static readonly SqlQuery<UploadKey, UploadRow> Upload = new(
        """
        select state, parts_version, result_box, coalesce(result_key_no, 0)
        from upload where upload_id = @upload and bucket_id = @bucket and key = @key
        """,
        static (p, u) => Bind(p, u),
        static row => new UploadRow
        {
            State = (UploadState)row.Bigint(0), PartsVersion = row.Bigint(1), ResultBox = row.BlobOrNull(2),
            ResultKeyNo = row.Int(3),
        });

    public static readonly SqlQuery<UploadId, PartRow> AllParts = new(
        "select part_number, size, object_id from upload_part where upload_id = @upload order by part_number",
        static (p, id) => p.Id("upload", id),
        static row => new PartRow(row.Int(0), row.Bigint(1), row.ObjectId(2)));

    /// <summary>As a check, in the index grain's transaction.</summary>
    public static readonly SqlStatement<UploadCompletion> Complete = new(
        """
        update upload
        set state = 1, ended_ms = {now_ms}, result_box = @result, result_key_no = @result_key_no
        where upload_id = @upload and state = 0 and parts_version = @version
        returning 1
        """,
        static (p, c) =>
        {
            p.Blob("result", c.ResultBox.Span);
            p.Bigint("result_key_no", c.ResultKeyNo);
            p.Id("upload", c.UploadId);
            p.Bigint("version", c.PartsVersion);
        });

    /// <summary>Takes chosen parts out of the upload; their manifests belong to the composite from now on.</summary>
    public static readonly SqlStatement<PartMask> MoveChosen = new(
        """
        delete from upload_part
        where upload_id = @upload and substr(@mask, cast(part_number as int), 1) = @chosen
        """,
        static (p, m) =>
        {
            p.Id("upload", m.UploadId);
            p.Blob("mask", m.Mask.AsSpan());
            p.Blob("chosen", Chosen.AsSpan());
        });

    /// <summary>Lets go of the bodies of all parts that are still in the upload.</summary>
    public static readonly SqlStatement<UploadId> ReleaseParts = new(
        """
        update manifest set refs = 0, dead_ms = {now_ms}
        where refs = 1 and object_id in (select object_id from upload_part where upload_id = @upload)
        """,
        static (p, id) => p.Id("upload", id));

    public static readonly SqlStatement<UploadId> DeleteParts = new(
        "delete from upload_part where upload_id = @upload",
        static (p, id) => p.Id("upload", id));

    /// <summary>
    /// As a check: the bucket is as the caller saw it; no delete of it can finish before this commit.
    /// </summary>
    public static readonly SqlStatement<CreateUpload> ShareBucket = new(
        "select 1 from bucket where bucket_id = @bucket and config_version = @config and state = 0 for share",
        static (p, c) =>
        {
            p.Id("bucket", c.BucketId);
            p.Bigint("config", c.ConfigVersion);
        });

    public static readonly SqlStatement<NewUpload> Create = new(
        """
        insert into upload (upload_id, bucket_id, key, state, parts_version, key_no, initiated_ms, upload_box)
        values (@upload, @bucket, @key, 0, 0, @key_no, {now_ms}, @box)
        on conflict (upload_id) do nothing
        """,
        static (p, u) =>
        {
            p.Id("upload", u.UploadId);
            p.Id("bucket", u.Create.BucketId);
            p.Blob("key", u.Create.Key.Span);
            p.Bigint("key_no", u.Create.KeyNo);
            p.Blob("box", u.Create.UploadBox.Span);
        });

    /// <summary>
    /// As a check: the upload takes parts, none came since it was read, and it is locked from here on. So a call that
    /// was held up for long cannot bring back a part that another activation has stored and replaced meanwhile.
    /// </summary>
    public static readonly SqlStatement<UploadTurn> TakePart = new(
        """
        update upload set parts_version = parts_version + 1
        where upload_id = @upload and bucket_id = @bucket and key = @key and state = 0 and parts_version = @version
        returning 1
        """,
        static (p, t) =>
        {
            Bind(p, t.Upload);
            p.Bigint("version", t.PartsVersion);
        });

    /// <summary>As a check: the grant of the part's body is not too old.</summary>
    public static readonly SqlStatement<long> GrantHolds = new(
        "select 1 where {now_ms} <= @deadline",
        static (p, deadline) => p.Bigint("deadline", deadline));

    /// <summary>Lets go of the part that is about to be replaced, unless it is the same again.</summary>
    public static readonly SqlStatement<NewPart> ReleaseReplaced = new(
        """
        update manifest set refs = 0, dead_ms = {now_ms}
        where refs = 1 and object_id = (
          select object_id from upload_part
          where upload_id = @upload and part_number = @part and object_id <> @object)
        """,
        static (p, n) =>
        {
            p.Id("upload", n.UploadId);
            p.Bigint("part", n.Part.PartNumber);
            p.Id("object", n.Part.Body.ObjectId);
        });

    /// <summary>As a check: the body is new, or this very part again; a dead one never comes back.</summary>
    public static readonly SqlStatement<NewPart> AddManifest = new(
        """
        insert into manifest (object_id, project_id, refs, kind, pages, stored_bytes, created_ms, body_bytes, body)
        select @object, b.project_id, 1, 0, @pages, @stored, {now_ms}, @body_bytes, @body
        from bucket b where b.bucket_id = @bucket
        on conflict (object_id) do update set stored_bytes = excluded.stored_bytes
          where manifest.refs = 1 and exists (
            select 1 from upload_part p
            where p.upload_id = @upload and p.part_number = @part and p.object_id = manifest.object_id)
        returning 1
        """,
        static (p, n) =>
        {
            p.Id("object", n.Part.Body.ObjectId);
            p.Bigint("pages", Math.Max(1, n.Part.Body.ManifestPages));
            p.Bigint("stored", n.Part.Body.StoredBytes);
            p.Bigint("body_bytes", n.Part.Body.Manifest.Length);
            if (n.Part.Body.ManifestPages > 0)
            {
                p.Blob("body", (byte[]?)null);
            }
            else
            {
                p.Blob("body", n.Part.Body.Manifest.Span);
            }

            p.Id("bucket", n.Part.BucketId);
            p.Id("upload", n.UploadId);
            p.Bigint("part", n.Part.PartNumber);
        });

    public static readonly SqlStatement<NewPart> PutPart = new(
        """
        insert into upload_part (upload_id, part_number, size, modified_ms, object_id, key_no, part_box)
        values (@upload, @part, @size, @modified, @object, @key_no, @box)
        on conflict (upload_id, part_number) do update set
          size = excluded.size, modified_ms = excluded.modified_ms, object_id = excluded.object_id,
          key_no = excluded.key_no, part_box = excluded.part_box
        """,
        static (p, n) =>
        {
            p.Id("upload", n.UploadId);
            p.Bigint("part", n.Part.PartNumber);
            p.Bigint("size", n.Part.Size);
            p.Bigint("modified", n.ModifiedMs);
            p.Id("object", n.Part.Body.ObjectId);
            p.Bigint("key_no", n.Part.KeyNo);
            p.Blob("box", n.Part.PartBox.Span);
        });

    /// <summary>
    /// Bytes that the bucket's project may still add (parts count once they are an object), and the version of the
    /// upload's parts, -1 when it takes none.
    /// </summary>
    public static readonly SqlQuery<UploadKey, UploadRoom> Room = new(
        """
        select case when p.max_storage_bytes = 0 then 9223372036854775807 else p.max_storage_bytes - (
          select cast(coalesce(sum(u.bytes), 0) as {bigint}) from usage_bucket u where u.project_id = p.project_id) end,
          coalesce((select u.parts_version from upload u
            where u.upload_id = @upload and u.bucket_id = @bucket and u.key = @key and u.state = 0), -1)
        from bucket b join project p on p.project_id = b.project_id
        where b.bucket_id = @bucket and b.state = 0
        """,
        static (p, u) => Bind(p, u),
        static row => new UploadRoom(row.Bigint(0), row.Bigint(1)));

    /// <summary>As a check: before any part is let go.</summary>
    public static readonly SqlStatement<UploadKey> Abort = new(
        """
        update upload set state = 2, ended_ms = coalesce(ended_ms, {now_ms})
        where upload_id = @upload and bucket_id = @bucket and key = @key and state in (0, 2)
        returning 1
        """,
        static (p, u) => Bind(p, u));

    private static void Bind(SqlParameters p, UploadKey upload)
    {
        p.Id("upload", upload.UploadId);
        p.Id("bucket", upload.BucketId);
        p.Blob("key", upload.Key.Span);
    }
}

/// <summary>An upload to be opened.</summary>
internal sealed record NewUpload(UploadId UploadId, CreateUpload Create);

/// <summary>An upload as it was before a part.</summary>
internal readonly record struct UploadTurn(UploadKey Upload, long PartsVersion);

/// <summary>What a part has to fit.</summary>
internal sealed record UploadRoom(long Bytes, long PartsVersion);

/// <summary>A part to be stored.</summary>
internal sealed record NewPart(UploadId UploadId, PutPart Part, long ModifiedMs);
