using System.Collections.Immutable;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;

namespace Vault.Grains.Tests.Uploads;

/// <summary>One upload as a front end drives it.</summary>
internal sealed class TestUpload(Cluster cluster, BucketView bucket, string key)
{
    public UploadId Id { get; } = UploadId.New(DateTimeOffset.UtcNow);

    private IUploadGrain Grain => cluster.Grains.GetGrain<IUploadGrain>(Id.ToString());

    public Task<UploadStatus> CreateAsync() => Grain.CreateAsync(
        new CreateUpload
        {
            BucketId = bucket.BucketId, ConfigVersion = 1, Key = Seed.Key(key), KeyNo = 1,
            UploadBox = Seed.Key("upload"),
        },
        default);

    public PutPart NewPart(int number, long size) => new()
    {
        BucketId = bucket.BucketId, Key = Seed.Key(key), PartNumber = number, Size = size, KeyNo = 1,
        PartBox = Seed.Key("part"),
        Body = new ObjectBody
        {
            ObjectId = ObjectId.New(DateTimeOffset.UtcNow), Manifest = Seed.Key("manifest"), StoredBytes = size,
            GrantedAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        },
    };

    public Task<PutPartResult> PutAsync(PutPart part) => Grain.PutPartAsync(part, default);

    /// <summary>Stores a new part.</summary>
    public async Task<ObjectId> PartAsync(int number, long size)
    {
        var part = NewPart(number, size);
        Assert.Equal(UploadStatus.Ok, (await PutAsync(part)).Status);
        return part.Body.ObjectId!.Value;
    }

    /// <summary>
    /// Parts 1 to <paramref name="count"/> of one byte each, by the table's statements in few transactions.
    /// </summary>
    public async Task ManyPartsAsync(int count)
    {
        for (var first = 1; first <= count; first += 1000)
        {
            var transaction = cluster.Database.Begin();
            for (var number = first; number < first + 1000; number++)
            {
                var part = new NewPart(Id, NewPart(number, 1), 0);
                transaction.Check(UploadTable.AddManifest, part);
                transaction.Execute(UploadTable.PutPart, part);
            }

            await transaction.CommitAsync();
        }
    }

    /// <summary>What a front end sends after it has read the parts.</summary>
    public async Task<CompleteUpload> CompletionAsync(ImmutableArray<int> numbers, long size)
    {
        var parts = await cluster.Grains.GetGrain<IUploadReadGrain>(0).ReadPartsAsync(Id, 0, 1000, default);
        return new CompleteUpload
        {
            UploadId = Id, PartsVersion = parts.PartsVersion, PartNumbers = numbers, ResultBox = Seed.Key("answer"),
            Head = Seed.Put(bucket.BucketId, key) with
            {
                Size = size, Body = new ObjectBody { ObjectId = ObjectId.New(DateTimeOffset.UtcNow) },
            },
        };
    }

    public Task<CommitResult> CompleteAsync(CompleteUpload complete) =>
        cluster.Index(bucket.BucketId, key).CompleteUploadAsync(complete, default);

    public Task<UploadStatus> AbortAsync() => Grain.AbortAsync(bucket.BucketId, Seed.Key(key), default);
}
