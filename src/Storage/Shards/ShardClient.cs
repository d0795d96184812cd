using System.Collections.Frozen;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>
/// The one place that knows where shards live: volumes of this process directly, others by the shard protocol. A
/// manifest's volume number picks one. Safe for concurrent use.
/// </summary>
public sealed class ShardClient
{
    private static readonly TimeSpan SlowDisk = TimeSpan.FromMilliseconds(250);

    private readonly FrozenDictionary<uint, Volume> _volumes;
    private readonly Volume[] _order;
    private uint _next;

    /// <summary>Over these volumes of this process, and those of a network.</summary>
    /// <param name="volumes">At least one, unless there is a network.</param>
    /// <param name="network">Null: this process is all there is.</param>
    public ShardClient(IReadOnlyList<Volume> volumes, ShardNetwork? network = null)
    {
        if (network is null) ArgumentOutOfRangeException.ThrowIfZero(volumes.Count);
        _order = [.. volumes];
        _volumes = _order.ToFrozenDictionary(static volume => volume.Number);
        Network = network;
    }

    /// <summary>The volumes of this process.</summary>
    public IReadOnlyList<Volume> LocalVolumes => _order;

    /// <summary>The other processes; null when there are none.</summary>
    public ShardNetwork? Network { get; }

    /// <summary>What a body that is stored now becomes.</summary>
    public StorageProfile Profile => Network is null
        ? StorageProfile.Alone
        : StorageProfile.Of(Network.Options.Profile, Network.Hosts);

    /// <summary>
    /// Stores one shard on a volume of this process; it is on stable storage when this completes.
    /// <paramref name="body"/> stays untouched until then.
    /// </summary>
    /// <exception cref="VolumeException">It was not stored, or nobody knows
    /// (<see cref="VolumeWriteException"/>).</exception>
    public ValueTask<ShardReceipt> StoreAsync(
        in ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        var volume = _order.Length == 1 ? _order[0] : _order[Interlocked.Increment(ref _next) % (uint)_order.Length];
        return volume.AppendAsync(header, body, cancellationToken);
    }

    /// <summary>
    /// Stores one shard on a volume of any process; <paramref name="body"/> stays untouched until this ends.
    /// </summary>
    /// <exception cref="VolumeException">It was not stored, or nobody knows.</exception>
    public ValueTask<ShardReceipt> StoreAsync(
        uint volume, in ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        Local(volume) is { } local
            ? local.AppendAsync(header, body, cancellationToken)
            : new(RemoteOf(volume).StoreAsync(volume, header, body, cancellationToken));

    /// <summary>Reads a whole shard into <paramref name="destination"/>, which has exactly its length.</summary>
    /// <exception cref="ShardMissingException">It is not there.</exception>
    /// <exception cref="ShardDamagedException">It is there and unreadable.</exception>
    /// <exception cref="ShardUnavailableException">Its node does not answer.</exception>
    public async ValueTask ReadAsync(ShardLocation shard, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (Local(shard.Volume) is not { } volume)
        {
            await RemoteOf(shard.Volume, orMissing: true)
                .ReadAsync(shard.Volume, shard.Cid, shard.Sequence, destination, cancellationToken);
            return;
        }

        int read;
        try
        {
            read = await volume.ReadAsync(shard.Cid, destination, shard.Sequence, ct: cancellationToken);
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
    public async ValueTask ReportDamagedAsync(ShardLocation shard, CancellationToken cancellationToken)
    {
        if (Local(shard.Volume) is { } volume) await volume.ReportUnreadableAsync(shard.Cid, cancellationToken);
        else await RemoteOf(shard.Volume).ReportAsync(shard.Volume, shard.Cid, cancellationToken);
    }

    /// <summary>
    /// Deletes the store of this sequence; a later store of the same bytes stays. What lies on a lost volume is left
    /// to it. Safe to repeat.
    /// </summary>
    /// <exception cref="ShardUnavailableException">The volume's node is away: to be repeated.</exception>
    public async ValueTask DeleteAsync(
        Cid cid, uint volume, ulong sequence, CancellationToken cancellationToken = default)
    {
        if (Local(volume) is { } found)
        {
            await found.DeleteAsync(cid, sequence, cancellationToken);
        }
        else if (volume != 0 && Network is { } network && network.Map.Find(volume) is not { Volume.Lost: true })
        {
            var remote = RemoteOf(volume);
            if (remote.Suspect) throw new ShardUnavailableException($"node {remote.Endpoint} is away");
            await remote.DeleteAsync(volume, cid, sequence, cancellationToken);
        }
    }

    /// <summary>Deletes what a failed write had stored already; a failure leaves an orphan for the sweep.</summary>
    public async ValueTask DiscardAsync(ShardLocation shard)
    {
        try
        {
            await DeleteAsync(shard.Cid, shard.Volume, shard.Sequence);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The sweep finds it: no manifest names it.
        }
    }

    /// <summary>Which of these shards a volume has.</summary>
    /// <exception cref="ShardUnavailableException">The volume's node is away.</exception>
    public async ValueTask<ShardPresence[]> StatAsync(
        uint volume, IReadOnlyList<(Cid Cid, ulong Sequence)> asked, CancellationToken cancellationToken)
    {
        var found = new ShardPresence[asked.Count];
        if (Local(volume) is { } local)
        {
            for (var i = 0; i < found.Length; i++) found[i] = Stat(local, asked[i].Cid);
            return found;
        }

        for (var at = 0; at < found.Length; at += ShardCall.MaxStats)
        {
            var page = asked.Skip(at).Take(ShardCall.MaxStats).ToArray();
            (await RemoteOf(volume).StatAsync(volume, page, cancellationToken)).CopyTo(found, at);
        }

        return found;
    }

    /// <summary>The next records of a volume by rising sequence; see <see cref="Volume.List"/>.</summary>
    /// <exception cref="ShardUnavailableException">The volume's node is away.</exception>
    public ValueTask<int> ListAsync(
        uint volume, ulong after, Memory<ShardRecord> records, CancellationToken cancellationToken) =>
        Local(volume) is { } local
            ? new(local.List(after, records.Span))
            : new(RemoteOf(volume).ListAsync(volume, after, records, cancellationToken));

    /// <summary>After how long a read from a volume is late enough for a second one elsewhere.</summary>
    internal TimeSpan HedgeDelay(uint volume) =>
        Local(volume) is null && Network?.Map.Find(volume) is { } place
            ? Network.Remote(place.Node).Latency.Now
            : SlowDisk;

    internal Volume? Local(uint volume) => _volumes.GetValueOrDefault(volume);

    internal static ShardPresence Stat(Volume volume, Cid cid) => volume.Find(cid) switch
    {
        null or { State: ShardState.Trashed } => ShardPresence.Missing,
        { State: ShardState.Quarantined } => ShardPresence.Damaged,
        _ => ShardPresence.Present,
    };

    /// <summary>Volumes stay in the map when they are lost: one that is not there is not known here yet.</summary>
    private RemoteNode RemoteOf(uint volume, bool orMissing = false) =>
        Network?.Map.Find(volume) is { } place ? Network.Remote(place.Node)
        : Network is null && orMissing ? throw new ShardMissingException($"volume {volume} is not here")
        : throw new ShardUnavailableException($"volume {volume} is not in the map of nodes");
}
