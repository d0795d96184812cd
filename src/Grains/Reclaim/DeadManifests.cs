using Microsoft.Extensions.Logging;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Reclaim;

/// <summary>
/// Deletes the shards of dead manifests, then the manifests. Each step may be repeated after a crash: shards are
/// deleted by sequence, parts are let go only while they have their one reference.
/// </summary>
internal sealed partial class DeadManifests(Database database, ShardClient shards, ILogger logger)
{
    private const int PartsPerTransaction = 500;
    private const int DeletesAtOnce = 64;

    /// <summary>Each waits for a sync of every node that has a shard, and for one of the database.</summary>
    private const int ManifestsAtOnce = 16;

    /// <summary>Whether the last run met a manifest that does not tell its shards.</summary>
    public bool MetUnreadable { get; private set; }

    public async Task<(long Manifests, long Shards)> RunAsync(ReclaimOptions options, CancellationToken ct)
    {
        long manifests = 0, deleted = 0;
        MetUnreadable = false;
        var line = new DeadLine(
            (long)options.DeadGrace.TotalMilliseconds, (long)options.GatewayLapse.TotalMilliseconds, 0, []);
        while (true)
        {
            var rows = await database.ReadAsync(ReclaimTable.Dead, line, ct);
            foreach (var group in rows.Chunk(ManifestsAtOnce))
            {
                foreach (var count in await Task.WhenAll(group.Select(row => TryDeleteAsync(row, ct))))
                {
                    manifests += count is null ? 0 : 1;
                    deleted += count ?? 0;
                }
            }

            if (rows.Count == 0)
            {
                return (manifests, deleted);
            }

            // Parts die with their composite's time, so they may sort before it: begin again there.
            var last = rows[^1];
            line = rows.Exists(static r => r.Kind == ManifestKind.Composite)
                ? line with { AfterMs = rows[0].DeadMs - 1, AfterId = [] }
                : line with { AfterMs = last.DeadMs, AfterId = last.ObjectId.ToArray() };
        }
    }

    /// <returns>How many shards were deleted; null when the manifest has to wait for another pass.</returns>
    private async Task<long?> TryDeleteAsync(DeadManifest manifest, CancellationToken ct)
    {
        long deleted = 0;
        var body = manifest.Body ?? await database.ReadPagesAsync(manifest.ObjectId, ct);
        if (manifest.Kind == ManifestKind.Composite)
        {
            await KillPartsAsync(manifest, body, ct);
        }
        else if (BodyManifest.TryDecode(body, out var decoded))
        {
            try
            {
                deleted = await DeleteShardsAsync(decoded, ct);
            }
            catch (VolumeException e)
            {
                LogShardsStay(e, manifest.ObjectId);
                return null;
            }
        }
        else if (body.Length > 0)
        {
            // Its shards have no manifest from now on: the orphan sweep finds them.
            MetUnreadable = true;
            LogUnreadable(manifest.ObjectId);
        }

        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(ReclaimTable.DeletePages, manifest.ObjectId);
        transaction.Execute(ReclaimTable.DeleteManifest, manifest.ObjectId);
        await transaction.SendAsync(ct);
        return deleted;
    }

    private async Task KillPartsAsync(DeadManifest manifest, byte[] body, CancellationToken ct)
    {
        if (!CompositeManifest.TryDecode(body, out var composite))
        {
            LogUnreadable(manifest.ObjectId);
            return;
        }

        var count = composite.Parts.Length;
        for (var first = 0; first < count; first += PartsPerTransaction)
        {
            var transaction = database.Begin(mayUseReserve: true);
            foreach (var part in composite.Parts.Slice(first, Math.Min(PartsPerTransaction, count - first)))
            {
                transaction.Execute(ReclaimTable.KillPart, new DeadPart(part.ObjectId, manifest.DeadMs));
            }

            await transaction.SendAsync(ct);
        }
    }

    private async Task<long> DeleteShardsAsync(BodyManifest manifest, CancellationToken ct)
    {
        var locations = manifest.Shards;
        var deletes = new List<Task>();
        for (var i = 0; i < locations.Length; i++)
        {
            var shard = locations.Span[i];
            deletes.Add(shards.DeleteAsync(shard.Cid, shard.Volume, shard.Sequence, ct).AsTask());
            if (deletes.Count == DeletesAtOnce || i == locations.Length - 1)
            {
                var group = Task.WhenAll(deletes);
                deletes.Clear();
                await group;
            }
        }

        return locations.Length;
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning,
        Message = "Shards of dead object {ObjectId} could not be deleted; the next pass tries again")]
    private partial void LogShardsStay(Exception failure, ObjectId objectId);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error,
        Message = "The manifest of dead object {ObjectId} cannot be read; what it named is left to the orphan sweep")]
    private partial void LogUnreadable(ObjectId objectId);
}
