using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Accounts;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>
/// Makes and deletes the bucket of one name. Name, bucket and key are one transaction, so no claim is ever left
/// without its bucket; nothing is remembered.
/// </summary>
internal sealed partial class BucketNameGrain(
    Database database, ILogger<BucketNameGrain> logger) : Grain, IBucketNameGrain
{
    /// <summary>Index partitions of a new bucket; stored with it (decisions §1.6).</summary>
    private const int Partitions = 16;

    private const int Attempts = 3;

    public async Task<CreateBucketResult> CreateAsync(CreateBucket create, CancellationToken cancellationToken)
    {
        var name = this.GetPrimaryKeyString();
        if (!BucketName.TryParse(name, out _))
        {
            throw new ArgumentException("Not a bucket name.", nameof(create));
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await database.ReadFirstAsync(BucketTable.ByName, name, cancellationToken) is { } bucket)
            {
                return bucket.ProjectId == create.ProjectId
                    ? new CreateBucketResult { Status = CreateBucketStatus.AlreadyOwnedByYou, Bucket = bucket }
                    : new CreateBucketResult { Status = CreateBucketStatus.AlreadyExists };
            }

            var refusal = await InsertAsync(name, create, cancellationToken);
            if (refusal is { } status)
            {
                return new CreateBucketResult { Status = status };
            }

            bucket = await database.ReadFirstAsync(BucketTable.ById, create.BucketId, cancellationToken);
            if (bucket is not null)
            {
                return new CreateBucketResult { Status = CreateBucketStatus.Created, Bucket = bucket };
            }
        }

        return new CreateBucketResult { Status = CreateBucketStatus.AlreadyExists };
    }

    public async Task<DeleteBucketStatus> DeleteAsync(ProjectId projectId, CancellationToken cancellationToken)
    {
        var name = this.GetPrimaryKeyString();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await database.ReadFirstAsync(BucketTable.ByName, name, cancellationToken) is not { } bucket)
            {
                return DeleteBucketStatus.NoSuchBucket;
            }

            if (bucket.ProjectId != projectId)
            {
                return DeleteBucketStatus.NotYours;
            }

            var transaction = database.Begin(mayUseReserve: true);
            transaction.Check(BucketTable.LockForDelete, bucket.BucketId);
            var empty = transaction.Check(BucketTable.HoldsNothing, bucket.BucketId);
            foreach (var statement in BucketTable.Delete)
            {
                transaction.Execute(statement, bucket.BucketId);
            }

            transaction.Execute(
                EventTable.Insert, ProjectEventRow.New(projectId.Value, "bucket.deleted", name));
            if (await transaction.SendAsync(cancellationToken) is not { } failed)
            {
                await DeleteFencesAsync(bucket.BucketId);
                return DeleteBucketStatus.Deleted;
            }

            if (failed.Index == empty)
            {
                return DeleteBucketStatus.NotEmpty;
            }
        }

        return DeleteBucketStatus.NoSuchBucket;
    }

    /// <summary>
    /// In a transaction of its own: a commit under way holds its fence while it waits for the bucket's row. The rows
    /// mean nothing without their bucket, so what fails here may stay.
    /// </summary>
    private async Task DeleteFencesAsync(BucketId bucketId)
    {
        try
        {
            var transaction = database.Begin(mayUseReserve: true);
            transaction.Execute(BucketTable.DeleteFences, bucketId);
            await transaction.SendAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreFullException or OutcomeUnknownException)
        {
            LogFencesStay(e, bucketId);
        }
    }

    /// <returns>Null: made, or the name was taken meanwhile.</returns>
    private async Task<CreateBucketStatus?> InsertAsync(string name, CreateBucket create, CancellationToken ct)
    {
        var project = create.ProjectId.Value;
        var bucket = new NewBucket
        {
            Name = name, BucketId = create.BucketId, ProjectId = project, Partitions = Partitions,
            Region = create.Region,
        };
        var transaction = database.Begin();
        var active = transaction.Check(BucketTable.LockActiveProject, project);
        var limit = transaction.Check(BucketTable.UnderLimit, project);
        transaction.Check(BucketTable.ClaimName, bucket);
        transaction.Execute(BucketTable.Insert, bucket);
        transaction.Execute(
            BucketTable.InsertKeyBox, new KeyBoxOf(create.BucketId, 1, project, create.OwnerKeyBox));
        transaction.Execute(EventTable.Insert, ProjectEventRow.New(project, "bucket.created", name));
        var failed = await transaction.SendAsync(ct);
        return failed?.Index == active ? CreateBucketStatus.ProjectNotActive
            : failed?.Index == limit ? CreateBucketStatus.TooManyBuckets
            : null;
    }

    [LoggerMessage(EventId = 2321, Level = LogLevel.Information,
        Message = "The fences of deleted bucket {Bucket} stay; they mean nothing any more")]
    private partial void LogFencesStay(Exception failure, BucketId bucket);
}
