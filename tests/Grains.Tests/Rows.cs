using Vault.Grains.Buckets;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests;

/// <summary>What is stored.</summary>
internal static class Rows
{
    private static readonly SqlQuery<(BucketId Bucket, byte[] Key), HeadRow> Head = new(
        "select seq, version_id, size, modified_ms, body_id, object_id from object_head where bucket_id = @bucket and "
        + "key = @key",
        static (p, h) =>
        {
            p.Id("bucket", h.Bucket);
            p.Blob("key", h.Key);
        },
        static row => new HeadRow
        {
            Sequence = row.Bigint(0), VersionId = row.VersionId(1), Size = row.Bigint(2), ModifiedMs = row.Bigint(3),
            BodyId = row.Bigint(4), ObjectId = row.ObjectIdOrNull(5),
        });

    public static async Task<HeadRow?> HeadAsync(this Database database, BucketId bucket, string key) =>
        await database.ReadFirstAsync(Head, (bucket, Seed.Key(key)), default);

    public static async Task<(long Objects, long Bytes)> UsageAsync(this Database database, BucketId bucket)
    {
        var usage = await database.ReadFirstAsync(BucketTable.Usage, bucket, default);
        return (usage!.Objects, usage.Bytes);
    }

    /// <summary>Null: no such manifest.</summary>
    public static async Task<long?> ReferencesAsync(this Database database, ObjectId id) =>
        (await database.ReadFirstAsync(ObjectTable.References, id, default))?.Value;

    public static async Task<long> CountAsync(this Database database, string table) =>
        (await database.QueryAsync(
            new SqlQuery<bool, long>(
                $"select count(*) from {table}", static (_, _) => { }, static row => row.Bigint(0)), true))[0];
}
