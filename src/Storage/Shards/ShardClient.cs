using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>
/// The one place that knows where shards live. Today: the volumes of this process; a manifest's volume number picks
/// one. Safe for concurrent use.
/// </summary>
public sealed class ShardClient
{
    private readonly Dictionary<uint, Volume> _volumes = [];
    private readonly Volume[] _order;
    private uint _next;

    /// <summary>Over these volumes; at least one.</summary>
    public ShardClient(IReadOnlyList<Volume> volumes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(volumes.Count);
        foreach (var volume in volumes) _volumes.Add(volume.Number, volume);
        _order = [.. volumes];
    }

    /// <summary>The volumes of this process.</summary>
    public IReadOnlyList<Volume> LocalVolumes => _order;

    /// <summary>
    /// Stores one shard; it is on stable storage when this completes. <paramref name="body"/> stays untouched until
    /// then.
    /// </summary>
    /// <exception cref="VolumeException">It was not stored, or nobody knows
    /// (<see cref="VolumeWriteException"/>).</exception>
    public ValueTask<ShardReceipt> StoreAsync(
        in ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        var volume = _order.Length == 1 ? _order[0] : _order[Interlocked.Increment(ref _next) % (uint)_order.Length];
        return volume.AppendAsync(header, body, cancellationToken);
    }

    /// <summary>Reads a whole shard into <paramref name="destination"/>, which has exactly its length.</summary>
    /// <exception cref="ShardMissingException">It is not there.</exception>
    /// <exception cref="ShardDamagedException">It is there and unreadable.</exception>
    public async ValueTask ReadAsync(ShardLocation shard, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await VolumeOf(shard).ReadAsync(shard.Cid, destination, shard.Sequence, ct: cancellationToken);
        }
        catch (VolumeCorruptException e)
        {
            throw new ShardDamagedException($"shard {shard.Cid} on volume {shard.Volume} is damaged", e);
        }

        if (read < 0) throw new ShardMissingException($"shard {shard.Cid} is not on volume {shard.Volume}");
        if (read != destination.Length)
            throw new ShardDamagedException(
                $"shard {shard.Cid} has {read} bytes, its manifest says {destination.Length}");
    }

    /// <summary>
    /// Says that a shard's tag did not fit: its volume checks the record and quarantines it when it is damaged.
    /// </summary>
    public async ValueTask ReportDamagedAsync(ShardLocation shard, CancellationToken cancellationToken) =>
        await VolumeOf(shard).ReportUnreadableAsync(shard.Cid, cancellationToken);

    /// <summary>Deletes the store of this sequence; a later store of the same bytes stays. Safe to repeat.</summary>
    public async ValueTask DeleteAsync(
        Cid cid, uint volume, ulong sequence, CancellationToken cancellationToken = default)
    {
        if (_volumes.TryGetValue(volume, out var found)) await found.DeleteAsync(cid, sequence, cancellationToken);
    }

    /// <summary>Deletes what a failed write had stored already; a failure leaves an orphan for the sweep.</summary>
    public async ValueTask DiscardAsync(ShardLocation shard)
    {
        try
        {
            await DeleteAsync(shard.Cid, shard.Volume, shard.Sequence);
        }
        catch (Exception e) when (e is VolumeException or ObjectDisposedException)
        {
            // The sweep finds it: no manifest names it.
        }
    }

    private Volume VolumeOf(in ShardLocation shard) => _volumes.TryGetValue(shard.Volume, out var volume)
        ? volume
        : throw new ShardMissingException($"volume {shard.Volume} is not here");
}
