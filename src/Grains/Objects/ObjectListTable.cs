using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>Ranges of the current versions in byte order of their keys.</summary>
internal static class ObjectListTable
{
    private const string Columns = "key, size, modified_ms, version_id, key_no, list_box";

    public static readonly SqlQuery<ListRange, ListEntry> After = new(
        $"""
        select {Columns} from object_head
        where bucket_id = @bucket and key > @after and key < @end order by key limit @limit
        """,
        Bind,
        Read);

    public static readonly SqlQuery<ListRange, ListEntry> From = new(
        $"""
        select {Columns} from object_head
        where bucket_id = @bucket and key >= @after and key < @end order by key limit @limit
        """,
        Bind,
        Read);

    private static void Bind(SqlParameters p, ListRange range)
    {
        p.Id("bucket", range.BucketId);
        p.Blob("after", range.After.Span);
        p.Blob("end", range.End);
        p.Bigint("limit", range.Limit);
    }

    private static ListEntry Read(SqlRow row) => new()
    {
        Key = row.Blob(0),
        Size = row.Bigint(1),
        ModifiedMs = row.Bigint(2),
        VersionId = row.VersionId(3),
        KeyNo = row.Int(4),
        ListBox = row.Blob(5),
    };
}

/// <summary>Keys of a bucket between two positions.</summary>
internal readonly record struct ListRange(BucketId BucketId, ReadOnlyMemory<byte> After, byte[] End, int Limit);
