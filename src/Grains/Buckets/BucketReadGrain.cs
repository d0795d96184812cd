using System.Collections.Immutable;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Buckets;

/// <summary>Reads of buckets; a bucket's existence or absence is never remembered (decisions §1.5).</summary>
[StatelessWorker]
[Reentrant]
internal sealed class BucketReadGrain(Database database) : Grain, IBucketReadGrain
{
    private const int MaxListed = 10_000;

    private readonly ReadCombiner<string, BucketView> _names = new(database, BucketTable.ByName);

    public Task<BucketView?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        _names.ReadAsync(name, cancellationToken);

    public async Task<ImmutableArray<BucketView>> ListAsync(
        ProjectId projectId, string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            BucketTable.List,
            new BucketListing(projectId.Value, prefix, after, Math.Clamp(limit, 0, MaxListed)),
            cancellationToken);
        return [.. rows];
    }

    public async Task<ReadOnlyMemory<byte>?> ReadKeyBoxAsync(
        BucketId bucketId, int keyNo, ProjectId grantee, CancellationToken cancellationToken)
    {
        var box = await database.ReadFirstAsync(
            BucketTable.KeyBox, new KeyBoxOf(bucketId, keyNo, grantee.Value, default), cancellationToken);
        return box is null ? null : (ReadOnlyMemory<byte>?)box;
    }
}
