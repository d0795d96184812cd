using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Accounts;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>
/// One bucket's settings and keys; each change is one conditional transaction, nothing is remembered.
/// </summary>
internal sealed partial class BucketGrain(Database database, ILogger<BucketGrain> logger) : Grain, IBucketGrain
{
    /// <summary>All boxes of a generation travel in one message and commit together.</summary>
    private const int MaxHolders = 400;

    private BucketId Id => BucketId.TryParse(this.GetPrimaryKeyString(), out var id)
        ? id
        : throw new ArgumentException("A bucket grain is named by its bucket id.");

    public async Task<bool> RotateKeyAsync(
        int keyNo,
        ReadOnlyMemory<byte> ownerBox,
        ImmutableArray<KeyHolderBox> holders,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(holders.Length, MaxHolders + 1);
        if (holders.Length > MaxHolders)
        {
            LogTooManyHolders(Id, MaxHolders);
            return false;
        }

        if (await database.ReadFirstAsync(BucketTable.ById, Id, cancellationToken) is not { } bucket)
        {
            return false;
        }

        var box = new KeyBoxOf(Id, keyNo, bucket.ProjectId.Value, ownerBox);
        if (bucket.KeyNo == keyNo)
        {
            return await IsCurrentAsync(box, cancellationToken);
        }

        var transaction = database.Begin();
        transaction.Check(BucketTable.RaiseKeyNo, box);
        transaction.Execute(BucketTable.InsertKeyBox, box);
        foreach (var holder in holders)
        {
            transaction.Execute(BucketKeyTable.InsertBox, new HolderBox(Id, keyNo, holder));
        }

        transaction.Check(BucketKeyTable.AllHoldersHaveIt, box);
        transaction.Execute(
            EventTable.Insert, ProjectEventRow.New(bucket.ProjectId.Value, "bucket.key-renewed", bucket.Name));
        return await transaction.SendAsync(cancellationToken) is null
            || await IsCurrentAsync(box, cancellationToken); // by the same call on another silo
    }

    public async Task<ImmutableArray<KeyHolder>> ReadKeyHoldersAsync(int keyNo, CancellationToken cancellationToken) =>
        [.. await database.ReadAsync(
            BucketKeyTable.ReadHolders, new HoldersOf(Id, keyNo, MaxHolders + 1), cancellationToken)];

    public async Task<long> TakeSealsAsync(int keyNo, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var transaction = database.Begin();
        var taken = transaction.Query(BucketKeyTable.Take, new SealsOf(Id, keyNo, count));
        await transaction.SendAsync(cancellationToken);
        return taken.Rows.Count == 0 ? 0 : taken.Rows[0];
    }

    public async Task<BucketUsage> ReadUsageAsync(CancellationToken cancellationToken) =>
        (await database.ReadFirstAsync(BucketTable.Usage, Id, cancellationToken))!;

    private async Task<bool> IsCurrentAsync(KeyBoxOf box, CancellationToken ct) =>
        await database.ReadFirstAsync(BucketTable.ById, Id, ct) is { } bucket && bucket.KeyNo == box.KeyNo
        && await database.ReadFirstAsync(BucketTable.KeyBox, box, ct) is { } stored
        && stored.AsSpan().SequenceEqual(box.Box.Span);

    [LoggerMessage(EventId = 2322, Level = LogLevel.Warning,
        Message = "The key of bucket {Bucket} cannot be renewed: more than {Limit} credentials hold it; revoke some")]
    private partial void LogTooManyHolders(BucketId bucket, int limit);
}
