using Microsoft.Extensions.Logging;
using Vault.Grains.Repair;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Reclaim;

/// <summary>
/// Walks the volumes' records in the order they were written and deletes old ones whose object has no manifest: stored
/// for a commit that never came, or made again elsewhere meanwhile. It remembers how far it came; a new activation
/// begins again.
/// </summary>
internal sealed partial class OrphanSweep(Database database, ShardClient shards, TimeProvider time, ILogger logger)
{
    private const int BatchRecords = 512;

    private readonly Dictionary<uint, ulong> _reached = [];
    private readonly ShardRecord[] _records = new ShardRecord[BatchRecords];
    private readonly List<ObjectId> _objects = [];
    private readonly HashSet<ObjectId> _known = [];

    /// <summary>Forgets how far it came: a manifest went without its shards.</summary>
    public void StartAgain() => _reached.Clear();

    /// <param name="age">Younger records are left alone: their commit may still come.</param>
    /// <param name="limit">Records to look at.</param>
    /// <param name="ct">Stops between batches.</param>
    /// <returns>How many shards were deleted.</returns>
    public async Task<long> RunAsync(TimeSpan age, long limit, CancellationToken ct)
    {
        var before = (time.GetUtcNow() - age).ToUnixTimeMilliseconds();
        long deleted = 0;
        var volumes = Volumes().ToList();
        foreach (var gone in _reached.Keys.Except(volumes).ToList())
        {
            _reached.Remove(gone); // what it held may be nobody's when it comes back
        }

        foreach (var volume in volumes)
        {
            try
            {
                while (limit > 0)
                {
                    ct.ThrowIfCancellationRequested();
                    var count = await TakeOldAsync(volume, before, ct);
                    if (count == 0)
                    {
                        break;
                    }

                    limit -= count;
                    deleted += await SweepAsync(volume, count, ct);
                    _reached[volume] = _records[count - 1].Sequence;
                }
            }
            catch (VolumeException e)
            {
                LogStopped(e, volume);
            }
        }

        return deleted;
    }

    /// <summary>Of all nodes that are there; those that are away are swept when they are back.</summary>
    private IEnumerable<uint> Volumes() => shards.Network is { } network
        ? network.Map.Places.Where(static p => p.Node.Up && !p.Volume.Lost).Select(static p => p.Volume.Number).Order()
        : shards.LocalVolumes.Select(static v => v.Number);

    /// <summary>
    /// Fills the batch with the next records that are old enough; records are written in sequence order.
    /// </summary>
    private async ValueTask<int> TakeOldAsync(uint volume, long before, CancellationToken ct)
    {
        var count = await shards.ListAsync(volume, _reached.GetValueOrDefault(volume), _records, ct);
        var old = 0;
        while (old < count && _records[old].WrittenAtMs <= before)
        {
            old++;
        }

        return old;
    }

    private async Task<long> SweepAsync(uint volume, int count, CancellationToken ct)
    {
        _objects.Clear();
        _known.Clear();
        for (var i = 0; i < count; i++)
        {
            if (_known.Add(_records[i].ObjectId))
            {
                _objects.Add(_records[i].ObjectId);
            }
        }

        var rows = await database.ReadEachAsync(ReclaimTable.Exists, _objects, ct);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] is null)
            {
                _known.Remove(_objects[i]);
            }
        }

        var named = shards.Network is null ? null : await NamedAsync(volume, ct);
        long deleted = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_known.Contains(_records[i].ObjectId) || (named is not null && IsStray(_records[i], named)))
            {
                await shards.DeleteAsync(_records[i].Cid, volume, _records[i].Sequence, ct);
                deleted++;
            }
        }

        return deleted;
    }

    /// <summary>
    /// Deletes go up to a sequence: a record that was stored after the one that is named, as by a second activation of
    /// repair, has to stay until that one goes.
    /// </summary>
    private static bool IsStray(ShardRecord record, Dictionary<Cid, ulong> named) =>
        !named.TryGetValue(record.Cid, out var sequence) || record.Sequence < sequence;

    /// <summary>
    /// In a cluster a body can be alive and a shard of it nobody's: repair made it again elsewhere while its node was
    /// away, or its store was given up and ended after all. So what counts is what the manifests name.
    /// </summary>
    /// <returns>The sequences that are named; null when that cannot be told.</returns>
    private async Task<Dictionary<Cid, ulong>?> NamedAsync(uint volume, CancellationToken ct)
    {
        var named = new Dictionary<Cid, ulong>();
        foreach (var id in _known)
        {
            var row = await database.ReadFirstAsync(RepairTable.Manifest, id, ct);
            var cbor = row?.Body ?? await database.ReadPagesAsync(id, ct);
            if (!BodyManifest.TryDecode(cbor, out var manifest))
            {
                return null; // what it names cannot be told: nothing of this batch is taken for nobody's
            }

            foreach (var shard in manifest.Shards.ToArray())
            {
                if (shard.Volume == volume)
                {
                    named[shard.Cid] = shard.Sequence;
                }
            }
        }

        return named;
    }

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning,
        Message = "The orphan sweep of volume {Volume} stopped; the next pass goes on from there")]
    private partial void LogStopped(Exception failure, uint volume);
}
