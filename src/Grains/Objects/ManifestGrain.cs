using Orleans.Concurrency;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>Pages of manifests too large for a commit or for a head's answer; no state.</summary>
[StatelessWorker]
[Reentrant]
internal sealed class ManifestGrain(Database database) : Grain, IManifestGrain
{
    private const int MaxPages = BodyManifest.MaxEncodedBytes / (16 << 10);

    public async Task StagePageAsync(
        ObjectId objectId, int page, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(page);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page, MaxPages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, CompositeParts.PageBytes);
        var transaction = database.Begin();
        transaction.Execute(ManifestTable.StagePage, new StagedPage(objectId, page, body));
        await transaction.SendAsync(cancellationToken);
    }

    public Task<ManifestPage?> ReadPageAsync(ObjectId objectId, int page, CancellationToken cancellationToken) =>
        database.ReadFirstAsync(ManifestTable.ReadPage, new StagedPage(objectId, page, default), cancellationToken);

    public async Task<long> GrantAsync(CancellationToken cancellationToken) =>
        (await database.ReadFirstAsync(ManifestTable.Now, true, cancellationToken))!.Value;
}
