using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>One bucket's settings and keys; each change is one conditional transaction, nothing is remembered.</summary>
internal sealed class BucketGrain(Database database) : Grain, IBucketGrain
{
    private BucketId Id => BucketId.TryParse(this.GetPrimaryKeyString(), out var id)
        ? id
        : throw new ArgumentException("A bucket grain is named by its bucket id.");

    public async Task<bool> RotateKeyAsync(int keyNo, ReadOnlyMemory<byte> ownerBox, CancellationToken cancellationToken)
    {
        if (await database.ReadFirstAsync(BucketTable.ById, Id, cancellationToken) is not { } bucket)
        {
            return false;
        }

        var box = new KeyBoxOf(Id, keyNo, bucket.ProjectId.Value, ownerBox);
        if (bucket.KeyNo == keyNo)
        {
            var stored = await database.ReadFirstAsync(BucketTable.KeyBox, box, cancellationToken);
            return stored is not null && stored.AsSpan().SequenceEqual(ownerBox.Span);
        }

        var transaction = database.Begin();
        transaction.Check(BucketTable.RaiseKeyNo, box);
        transaction.Execute(BucketTable.InsertKeyBox, box);
        return await transaction.SendAsync(cancellationToken) is null;
    }

    public async Task<BucketUsage> ReadUsageAsync(CancellationToken cancellationToken) =>
        (await database.ReadFirstAsync(BucketTable.Usage, Id, cancellationToken))!;
}
