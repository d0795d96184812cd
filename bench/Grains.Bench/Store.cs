using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Bench;

/// <summary>A bucket as a front end uses it, with boxes of the usual sizes.</summary>
internal sealed class Store(IGrainFactory grains, BucketView bucket)
{
    private readonly byte[] _inline = RandomNumberGenerator.GetBytes(16 + 16 + 12 + 4096 + 16);
    private readonly byte[] _listBox = RandomNumberGenerator.GetBytes(64);
    private readonly byte[] _headBox = RandomNumberGenerator.GetBytes(220);

    public BucketId BucketId => bucket.BucketId;

    /// <summary>The listing columns of the same keys, and nothing else.</summary>
    public SqlQuery<Seek, Listed> Bare { get; } = new(
        """
        select key, size, modified_ms, version_id, key_no, list_box from object_head
        where bucket_id = @bucket and key > @after order by key limit @limit
        """,
        static (p, q) =>
        {
            p.Blob("bucket", q.Bucket.ToArray());
            p.Blob("after", q.After.Span);
            p.Bigint("limit", q.Limit);
        },
        static row => new Listed(row.Blob(0), row.Bigint(1), row.Bigint(2), row.Blob(3), row.Bigint(4), row.Blob(5)));

    /// <summary>A seek to the end of each group of a page.</summary>
    public Seek[] Groups(ListPage page) =>
        [.. page.CommonPrefixes.Select(g => new Seek(BucketId, (byte[])[.. g.Span, 0xFF], 1))];

    public static async Task<Store> CreateAsync(IGrainFactory grains)
    {
        var (tenant, project) = (TenantId.New(), ProjectId.New());
        await grains.GetGrain<ITenantGrain>(tenant.Value).CreateAsync(
            new CreateTenant { Name = "bench", OwnerEmail = "bench@example.com", Limits = new TenantLimits() },
            default);
        await grains.GetGrain<IProjectGrain>(project.Value).CreateAsync(
            new CreateProject
            {
                TenantId = tenant, Name = "bench", BillingEmail = "bench@example.com", Quota = new ProjectQuota(),
                KeyNo = 1, PublicKey = new byte[32], Credentials = [],
            },
            default);
        var created = await grains.GetGrain<IBucketNameGrain>("bench").CreateAsync(
            new CreateBucket
            {
                ProjectId = project, BucketId = BucketId.New(DateTimeOffset.UtcNow), Region = "",
                OwnerKeyBox = new byte[80],
            },
            default);
        return new Store(grains, created.Bucket!);
    }

    public async Task PutAsync(int number)
    {
        var key = Key(number);
        var partition = SHA256.HashData(key)[0] % bucket.Partitions;
        var result = await grains.GetGrain<IObjectIndexGrain>($"{bucket.BucketId}/{partition:x2}").PutAsync(
            new PutObject
            {
                BucketId = bucket.BucketId, ConfigVersion = bucket.ConfigVersion, Key = key,
                VersionId = VersionId.New(DateTimeOffset.UtcNow), Size = 4096, KeyNo = 1, ListBox = _listBox,
                HeadBox = _headBox, Body = new ObjectBody { Inline = _inline },
            },
            default);
        if (result.Status != CommitStatus.Ok)
        {
            throw new InvalidOperationException($"A put ended as {result.Status}.");
        }
    }

    public Task<HeadRead> ReadAsync(int number, bool withBody) => grains.GetGrain<IObjectReadGrain>(0).ReadAsync(
        new HeadRequest { Bucket = bucket.Name, Key = Key(number), WithBody = withBody }, default);

    public Task<ListPage> ListAsync(ReadOnlyMemory<byte> delimiter) => grains.GetGrain<IObjectListGrain>(0).ListAsync(
        new ListRequest { Bucket = bucket.Name, Delimiter = delimiter, Limit = 1000 }, default);

    /// <summary>Ten groups by slash, one group for each key by hash sign.</summary>
    private static byte[] Key(int number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"group-{number % 10}/object-{number:d9}#"));
}

/// <summary>Keys of a bucket after a position.</summary>
internal sealed record Seek(BucketId Bucket, ReadOnlyMemory<byte> After, int Limit);

/// <summary>A listed row as the bare query gives it.</summary>
internal sealed record Listed(byte[] Key, long Size, long ModifiedMs, byte[] VersionId, long KeyNo, byte[] ListBox);
