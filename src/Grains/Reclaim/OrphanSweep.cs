using Microsoft.Extensions.Logging;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Reclaim;

/// <summary>
/// Walks the volumes' records in the order they were written and deletes old ones whose object has no manifest: stored
/// for a commit that never came. It remembers how far it came; a new activation begins again.
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
        foreach (var volume in shards.LocalVolumes)
        {
            while (limit > 0)
            {
                ct.ThrowIfCancellationRequested();
                var count = TakeOld(volume, before);
                if (count == 0)
                {
                    break;
                }

                limit -= count;
                try
                {
                    deleted += await SweepAsync(volume, count, ct);
                }
                catch (VolumeException e)
                {
                    LogStopped(e, volume.Number);
                    break;
                }

                _reached[volume.Number] = _records[count - 1].Sequence;
            }
        }

        return deleted;
    }

    /// <summary>
    /// Fills the batch with the next records that are old enough; records are written in sequence order.
    /// </summary>
    private int TakeOld(Volume volume, long before)
    {
        var count = volume.List(_reached.GetValueOrDefault(volume.Number), _records);
        var old = 0;
        while (old < count && _records[old].WrittenAtMs <= before)
        {
            old++;
        }

        return old;
    }

    private async Task<long> SweepAsync(Volume volume, int count, CancellationToken ct)
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

        long deleted = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_known.Contains(_records[i].ObjectId))
            {
                await shards.DeleteAsync(_records[i].Cid, volume.Number, _records[i].Sequence, ct);
                deleted++;
            }
        }

        return deleted;
    }

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning,
        Message = "The orphan sweep of volume {Volume} stopped; the next pass goes on from there")]
    private partial void LogStopped(Exception failure, uint volume);
}
