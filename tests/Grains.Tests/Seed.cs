using System.Text;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Accounts;
using Vault.Grains.Buckets;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests;

/// <summary>Messages and rows that tests begin with.</summary>
internal static class Seed
{
    public static ProjectId Project() => ProjectId.New();

    public static CreateProject NewProject(
        TenantId tenant, long quotaBytes = 0, int buckets = 0, string? email = null) => new()
    {
        TenantId = tenant, Name = "project", BillingEmail = email ?? Guid.NewGuid() + "@example.com",
        Quota = new ProjectQuota { StorageBytes = quotaBytes, Buckets = buckets }, KeyNo = 1,
        PublicKey = new byte[32], Credentials = [],
    };

    /// <summary>A live bucket of a new project, made by the tables' own statements.</summary>
    public static async Task<BucketId> BucketAsync(this Database database, string name = "bucket", long quotaBytes = 0)
    {
        var tenant = TenantId.New();
        var project = ProjectId.New();
        var bucket = BucketId.New(DateTimeOffset.UtcNow);
        var transaction = database.Begin();
        transaction.Execute(TenantTable.Insert, new TenantRow(tenant.Value, "tenant", "a@b.c", new TenantLimits()));
        transaction.Check(ProjectTable.Insert, new ProjectRow(project.Value, NewProject(tenant, quotaBytes)));
        var row =
            new NewBucket { Name = name, BucketId = bucket, ProjectId = project.Value, Partitions = 16, Region = "" };
        transaction.Check(BucketTable.ClaimName, row);
        transaction.Execute(BucketTable.Insert, row);
        await transaction.CommitAsync();
        return bucket;
    }

    public static byte[] Key(string key) => Encoding.UTF8.GetBytes(key);

    public static PutObject Put(BucketId bucket, string key, string content = "content", long config = 1) => new()
    {
        BucketId = bucket, ConfigVersion = config, Key = Key(key), VersionId = VersionId.New(DateTimeOffset.UtcNow),
        Size = content.Length, KeyNo = 1, ListBox = Key("list"), HeadBox = Key("head"),
        Body = new ObjectBody { Inline = Key(content) },
    };

    public static PutObject PutStored(BucketId bucket, string key, ObjectId id, long size = 10_000) =>
        Put(bucket, key) with
        {
            Size = size,
            Body = new ObjectBody
            {
                ObjectId = id, Manifest = Key("manifest"), StoredBytes = size,
                GrantedAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            },
        };

    public static DeleteObject Delete(BucketId bucket, string key, long config = 1) => new()
    {
        BucketId = bucket, ConfigVersion = config, Key = Key(key), OperationId = Guid.NewGuid(),
    };
}
