using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Chunks;

/// <summary>
/// Finds the shards of a body that are gone, and makes them again from any k others: on ciphertext, without a key. A
/// shard that comes out other than its cid is never stored.
/// </summary>
public sealed class ChunkRepair
{
    private readonly ShardClient _shards;
    private readonly ShardNetwork _network;
    private readonly Placement _placement;

    /// <summary>Over a cluster's volumes.</summary>
    /// <exception cref="ArgumentException">There is no network.</exception>
    public ChunkRepair(ShardClient shards)
    {
        _shards = shards;
        _network = shards.Network ?? throw new ArgumentException("Repair needs a network.", nameof(shards));
        _placement = new Placement(shards, _network);
    }

    /// <summary>Looks where all shards of a body are.</summary>
    /// <returns>For each shard whether it is gone, and whether some node could not be asked.</returns>
    public async Task<(bool[] Gone, bool Unsure)> FindGoneAsync(BodyManifest manifest, CancellationToken ct)
    {
        var all = manifest.Shards;
        var (gone, unsure) = (new bool[all.Length], false);
        var byVolume = new Dictionary<uint, List<int>>();
        for (var i = 0; i < gone.Length; i++)
        {
            var shard = all.Span[i];
            gone[i] = shard.IsAbsent || (_shards.Local(shard.Volume) is null
                && _network.Map.Find(shard.Volume) is null or { Volume.Lost: true });
            if (gone[i]) continue;
            if (!byVolume.TryGetValue(shard.Volume, out var list)) byVolume[shard.Volume] = list = [];
            list.Add(i);
        }

        foreach (var (volume, indexes) in byVolume)
        {
            if (!_placement.Answers(volume))
            {
                unsure = true;
                continue;
            }

            try
            {
                var asked = indexes.ConvertAll(i => (all.Span[i].Cid, all.Span[i].Sequence));
                var found = await _shards.StatAsync(volume, asked, ct);
                for (var i = 0; i < found.Length; i++) gone[indexes[i]] = found[i] != ShardPresence.Present;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                unsure = true;
            }
        }

        return (gone, unsure);
    }

    /// <summary>Makes the shards of one chunk that are gone again, on hosts that have none of it.</summary>
    /// <param name="manifest">The body.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="gone">For each of its shards whether it is gone.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>
    /// New locations of shards by their index, as many as found a host, or null when fewer than k shards could be
    /// read; and whether one could not be because its node did not answer, so that another try may do.
    /// </returns>
    public async Task<(IReadOnlyList<(int Index, ShardLocation Location)>? Made, bool Unsure)> RebuildAsync(
        BodyManifest manifest, int chunk, ReadOnlyMemory<bool> gone, CancellationToken ct)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < gone.Length; i++)
        {
            if (!gone.Span[i] && _network.Map.Find(manifest.ShardsOf(chunk)[i].Volume) is { } place)
                hosts.Add(place.Node.Host);
        }

        var targets = new Queue<VolumePlace>(
            _placement.Rank(manifest.Attempt.ObjectId, (uint)chunk).Where(p => !hosts.Contains(p.Node.Host)));
        if (targets.Count == 0) return ([], false); // nobody could take them
        var shardBytes = manifest.ShardBytes(chunk);
        using var buffer = await _network.NodeBuffers.RentAsync(SpreadReader.BufferBytes(manifest, chunk), ct);
        var (have, unsure) = await ReadAsync(manifest, chunk, gone, buffer.Memory, ct);
        if (have.Count(static h => h) < manifest.DataShards) return (null, unsure);
        if (manifest.DataShards > 1)
        {
            ErasureCodecs.Of(manifest.DataShards, manifest.ParityShards)
                .TryReconstruct(buffer.GetSpan()[..(shardBytes * have.Length)], shardBytes, have);
        }

        var made = new List<(int, ShardLocation)>();
        for (var i = 0; i < have.Length; i++)
        {
            if (!gone.Span[i]) continue;
            var at = manifest.DataShards == 1 ? 0 : i * shardBytes;
            var body = buffer.Memory.Slice(at, shardBytes);
            var cid = manifest.ShardsOf(chunk)[i].Cid;
            if (Cid.Compute(body.Span) != cid) return (null, false);
            var header = new ShardHeader(cid, manifest.Attempt.ObjectId, (uint)chunk, (ushort)i);
            if (await StoreAsync(targets, header, body, ct) is { } location) made.Add((i, location));
        }

        return (made, unsure);
    }

    /// <summary>Reads k shards, each of which is what its cid says.</summary>
    /// <returns>For each shard whether it was read, and whether one was not because nobody answered.</returns>
    private async Task<(bool[] Have, bool Unsure)> ReadAsync(
        BodyManifest manifest, int chunk, ReadOnlyMemory<bool> gone, Memory<byte> buffer, CancellationToken ct)
    {
        var (have, unsure) = (new bool[manifest.ShardsPerChunk], false);
        var order = Enumerable.Range(0, have.Length).Where(i => !gone.Span[i])
            .OrderByDescending(i => _placement.Answers(manifest.ShardsOf(chunk)[i].Volume)).ToList();
        var shardBytes = manifest.ShardBytes(chunk);
        for (var at = 0; at < order.Count && have.Count(static h => h) < manifest.DataShards;)
        {
            var batch = order.Skip(at).Take(manifest.DataShards - have.Count(static h => h)).ToList();
            at += batch.Count;
            var reads = batch.ConvertAll(i => ReadOneAsync(
                manifest.ShardsOf(chunk)[i],
                buffer.Slice(manifest.DataShards == 1 ? 0 : i * shardBytes, shardBytes), ct));
            await Task.WhenAll(reads);
            for (var i = 0; i < batch.Count; i++) have[batch[i]] = reads[i].Result == ShardPresence.Present;
            unsure |= reads.Exists(static read => read.Result is null);
        }

        return (have, unsure);
    }

    /// <returns>What became clear of the shard; null when nothing did.</returns>
    private async Task<ShardPresence?> ReadOneAsync(ShardLocation shard, Memory<byte> into, CancellationToken ct)
    {
        try
        {
            await _shards.ReadAsync(shard, into, ct);
            if (Cid.Compute(into.Span) == shard.Cid) return ShardPresence.Present;
        }
        catch (ShardMissingException)
        {
            return ShardPresence.Missing;
        }
        catch (ShardDamagedException)
        {
            return ShardPresence.Damaged;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }

        try
        {
            await _shards.ReportDamagedAsync(shard, ct); // the next look finds it gone
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The next repair of it says so again.
        }

        return ShardPresence.Damaged;
    }

    private async Task<ShardLocation?> StoreAsync(
        Queue<VolumePlace> targets, ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        while (targets.TryDequeue(out var target))
        {
            try
            {
                var receipt = await _shards.StoreAsync(target.Volume.Number, header, body, ct);
                return new ShardLocation(header.Cid, receipt.VolumeNumber, receipt.Sequence);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The next host.
            }
        }

        return null;
    }
}
