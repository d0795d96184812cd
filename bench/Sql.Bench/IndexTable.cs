using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Sql.Bench;

internal sealed record Head(long Sequence, byte[] Version, long Size, long ModifiedMs, byte[] ListBox);

internal sealed record Body(byte[] HeadBox, byte[] Payload);

/// <summary>The statements of an object index, as far as a PUT and a GET need them.</summary>
internal static class IndexTable
{
    public static readonly SqlStatement<(string Grain, long Number)> Fence = new(
        "select 1 from bench_fence where grain = @grain and number = @number for share",
        static (p, a) =>
        {
            p.Text("grain", a.Grain);
            p.Bigint("number", a.Number);
        });

    public static readonly SqlStatement<string> AddFence = new(
        "insert into bench_fence (grain, number) values (@grain, 1)", static (p, grain) => p.Text("grain", grain));

    public static readonly SqlStatement<Put> PutHead = new(
        """
        insert into bench_head (bucket, key, sequence, version, size, modified_ms, list_box)
        values (@bucket, @key, 1, @version, @size, {now_ms}, @list_box)
        on conflict (bucket, key) do update set sequence = bench_head.sequence + 1, version = excluded.version,
          size = excluded.size, modified_ms = excluded.modified_ms, list_box = excluded.list_box
        """,
        static (p, a) =>
        {
            p.Blob("bucket", Put.Bucket);
            p.Blob("key", a.Key.AsSpan());
            p.Blob("version", a.Version.AsSpan());
            p.Bigint("size", a.Payload.Length);
            p.Blob("list_box", Put.ListBox.AsSpan());
        });

    public static readonly SqlStatement<Put> PutBody = new(
        "insert into bench_body (version, head_box, payload) values (@version, @head_box, @payload)",
        static (p, a) =>
        {
            p.Blob("version", a.Version.AsSpan());
            p.Blob("head_box", Put.HeadBox.AsSpan());
            p.Blob("payload", a.Payload);
        });

    public static readonly SqlStatement<Put> DeleteOldBody = new(
        """
        delete from bench_body where version =
          (select version from bench_head where bucket = @bucket and key = @key)
        """,
        static (p, a) =>
        {
            p.Blob("bucket", Put.Bucket);
            p.Blob("key", a.Key.AsSpan());
        });

    public static readonly SqlQuery<byte[], Head> GetHead = new(
        """
        select sequence, version, size, modified_ms, list_box from bench_head where bucket = @bucket and key = @key
        """,
        static (p, key) =>
        {
            p.Blob("bucket", Put.Bucket);
            p.Blob("key", key.AsSpan());
        },
        static r => new(r.Bigint(0), r.Blob(1), r.Bigint(2), r.Bigint(3), r.Blob(4)));

    public static readonly SqlQuery<byte[], Body> GetBody = new(
        """
        select b.head_box, b.payload from bench_head h join bench_body b on b.version = h.version
        where h.bucket = @bucket and h.key = @key
        """,
        static (p, key) =>
        {
            p.Blob("bucket", Put.Bucket);
            p.Blob("key", key.AsSpan());
        },
        static r => new(r.Blob(0), r.Blob(1)));

    public static byte[] Key(int number)
        => System.Text.Encoding.ASCII.GetBytes($"photos/{(uint)number * 2654435761u:x8}/{number:D8}.jpg");
}

internal sealed record Put(byte[] Key, byte[] Version, ReadOnlyMemory<byte> Payload)
{
    public static readonly byte[] Bucket = RandomNumberGenerator.GetBytes(16);
    public static readonly byte[] ListBox = RandomNumberGenerator.GetBytes(96);
    public static readonly byte[] HeadBox = RandomNumberGenerator.GetBytes(280);

    public static Put Create(int number, ReadOnlyMemory<byte> payload)
    {
        var version = RandomNumberGenerator.GetBytes(16);
        // As the product's ids: time first, so that inserts are local.
        BinaryPrimitives.WriteInt64BigEndian(version, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16);
        return new(IndexTable.Key(number), version, payload);
    }
}
