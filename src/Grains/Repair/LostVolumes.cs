using Vault.Grains.Reclaim;
using Vault.Grains.Store;
using Vault.Protocol.Manifests;
using Vault.Sql;

namespace Vault.Grains.Repair;

/// <summary>
/// Finds the bodies that name a lost volume: walks all manifests in the order of their ids, and remembers in the
/// volume's row how far it came, under the grain's fence: an older position would skip what was never looked at.
/// </summary>
internal sealed class LostVolumes(Database database, FencedGrain self)
{
    /// <summary>Looks at the next stretch of manifests.</summary>
    /// <returns>False when no search is due.</returns>
    public async Task<bool> StepAsync(RepairOptions settings, CancellationToken ct)
    {
        var ages = new SearchAges(
            (long)settings.SearchPeriod.TotalMilliseconds, (long)settings.SearchAge.TotalMilliseconds);
        if (await database.ReadFirstAsync(RepairTable.Search, ages, ct) is not { } lost)
        {
            return false;
        }

        var rows = await database.ReadAsync(RepairTable.Next, lost.After, ct);
        var transaction = database.Begin();
        transaction.Check(Fence.Guard, self);
        foreach (var row in rows)
        {
            var cbor = row.Body ?? await database.ReadPagesAsync(row.ObjectId, ct);
            if (!BodyManifest.TryDecode(cbor, out var manifest) || Names(manifest, lost.Number))
            {
                transaction.Execute(RepairTable.Add, RepairReason.NamesLost(row.ObjectId));
            }
        }

        if (rows.Count == 0)
        {
            transaction.Execute(RepairTable.SearchEnded, lost.Number);
        }
        else
        {
            transaction.Execute(RepairTable.Searched, lost with { After = rows[^1].ObjectId.ToArray() });
        }

        return await transaction.SendAsync(ct) is null ? true : throw new FenceLostException();
    }

    private static bool Names(BodyManifest manifest, uint volume)
    {
        foreach (ref readonly var shard in manifest.Shards.Span)
        {
            if (shard.Volume == volume)
            {
                return true;
            }
        }

        return false;
    }
}
