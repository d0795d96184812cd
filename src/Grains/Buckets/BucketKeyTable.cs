using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>Generations of a bucket's key: how many seals were taken of each, and who is to hold the next.</summary>
internal static class BucketKeyTable
{
    /// <summary>Credentials that a generation was boxed to and that may still use one.</summary>
    private const string Holders = """
        from credential_bucket_key_box k join credential c on c.lookup = k.lookup
        where k.bucket_id = @bucket and k.key_no = @key_no and c.public_key is not null and c.revoked_ms is null
          and (c.expires_ms is null or c.expires_ms > {now_ms})
        """;

    /// <summary>No row when there is no such bucket.</summary>
    public static readonly SqlQuery<SealsOf, long> Take = new(
        """
        insert into bucket_seal (bucket_id, key_no, taken)
        select bucket_id, @key_no, @count from bucket where bucket_id = @bucket
        on conflict (bucket_id, key_no) do update set taken = bucket_seal.taken + excluded.taken
        returning taken
        """,
        static (p, s) =>
        {
            p.Bigint("key_no", s.KeyNo);
            p.Bigint("count", s.Count);
            p.Id("bucket", s.BucketId);
        },
        static row => row.Bigint(0));

    public static readonly SqlQuery<HoldersOf, KeyHolder> ReadHolders = new(
        $"select c.lookup, c.public_key {Holders} order by c.lookup limit @limit",
        static (p, h) =>
        {
            p.Id("bucket", h.BucketId);
            p.Bigint("key_no", h.KeyNo);
            p.Bigint("limit", h.Limit);
        },
        static row => new KeyHolder { Lookup = row.Blob(0), PublicKey = row.Blob(1) });

    public static readonly SqlStatement<HolderBox> InsertBox = new(
        """
        insert into credential_bucket_key_box (lookup, bucket_id, key_no, box)
        values (@lookup, @bucket, @key_no, @box) on conflict (lookup, bucket_id, key_no) do nothing
        """,
        static (p, b) =>
        {
            p.Blob("lookup", b.Box.Lookup.Span);
            p.Id("bucket", b.BucketId);
            p.Bigint("key_no", b.KeyNo);
            p.Blob("box", b.Box.Box.Span);
        });

    /// <summary>As a check, after the boxes: nobody who held the generation before is left out.</summary>
    public static readonly SqlStatement<KeyBoxOf> AllHoldersHaveIt = new(
        $$"""
        select 1 where not exists (
          select 1 {{Holders.Replace("@key_no", "@key_no - 1", StringComparison.Ordinal)}}
            and not exists (
              select 1 from credential_bucket_key_box n
              where n.lookup = k.lookup and n.bucket_id = k.bucket_id and n.key_no = @key_no))
        """,
        static (p, k) =>
        {
            p.Id("bucket", k.BucketId);
            p.Bigint("key_no", k.KeyNo);
        });

    /// <summary>As a check: the generation is the current one and stays it until the commit.</summary>
    public static readonly SqlStatement<SealsOf> ShareCurrent = new(
        "select 1 from bucket where bucket_id = @bucket and key_no = @key_no for share",
        static (p, s) =>
        {
            p.Id("bucket", s.BucketId);
            p.Bigint("key_no", s.KeyNo);
        });
}

/// <summary>Seals of one generation.</summary>
internal readonly record struct SealsOf(BucketId BucketId, int KeyNo, int Count);

/// <summary>Holders of one generation.</summary>
internal readonly record struct HoldersOf(BucketId BucketId, int KeyNo, int Limit);

/// <summary>A generation boxed to a credential.</summary>
internal sealed record HolderBox(BucketId BucketId, int KeyNo, KeyHolderBox Box);
