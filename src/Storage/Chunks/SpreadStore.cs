using Vault.Protocol.Erasure;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Chunks;

/// <summary>
/// Stores the shards of one chunk on as many hosts, at once. A host that fails is replaced by the next in the chunk's
/// order; once enough shards are stored the rest get a little longer, and what is missing then is left to repair.
/// </summary>
internal sealed class SpreadStore
{
    private readonly ShardClient _shards;
    private readonly ShardNetwork _network;
    private readonly Placement _placement;
    private readonly ErasureCodec? _codec;

    public SpreadStore(ShardClient shards, StorageProfile profile)
    {
        (_shards, _network, Profile) = (shards, shards.Network!, profile);
        _placement = new Placement(shards, _network);
        _codec = profile.DataShards == 1 ? null : ErasureCodecs.Of(profile.DataShards, profile.ParityShards);
    }

    public StorageProfile Profile { get; }

    /// <summary>Stores one encrypted chunk; <paramref name="buffer"/> is not used any more when this ends.</summary>
    /// <returns>A location for each shard; absent ones have volume 0.</returns>
    /// <exception cref="ShardUnavailableException">Too few hosts took theirs; what was stored was deleted.</exception>
    public async Task<ShardLocation[]> StoreAsync(
        Memory<byte> buffer, int payloadBytes, ObjectId objectId, uint chunk)
    {
        var shardBytes = (payloadBytes + Profile.DataShards - 1) / Profile.DataShards;
        var cids = Encode(buffer.Span, payloadBytes, shardBytes);
        var ranked = _placement.Rank(objectId, chunk, localFirst: Profile.Shards == 1);
        using var enough = new CancellationTokenSource();
        var sends = new Send[Profile.Shards];
        var spares = new Queue<VolumePlace>(ranked.Skip(sends.Length));
        var failed = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sends.Length; i++)
        {
            var at = _codec is null ? 0 : i * shardBytes;
            sends[i] = new Send(new ShardHeader(cids[i], objectId, chunk, (ushort)i), buffer.Slice(at, shardBytes))
            {
                Place = i < ranked.Count ? ranked[i] : null,
            };
            sends[i].Task = SendAsync(sends[i], spares, failed, enough.Token);
        }

        await WaitAsync(sends, enough);
        var locations = new ShardLocation[sends.Length];
        for (var i = 0; i < sends.Length; i++)
        {
            locations[i] = sends[i].Task.Result is { } receipt
                ? new ShardLocation(cids[i], receipt.VolumeNumber, receipt.Sequence)
                : ShardLocation.Absent(cids[i]);
        }

        await RequireAsync(locations, _network.Hosts - ranked.Count, failed);
        return locations;
    }

    private Cid[] Encode(Span<byte> buffer, int payloadBytes, int shardBytes)
    {
        var cids = new Cid[Profile.Shards];
        if (_codec is null)
        {
            Array.Fill(cids, Cid.Compute(buffer[..payloadBytes]));
            return cids;
        }

        buffer[payloadBytes..(Profile.DataShards * shardBytes)].Clear();
        _codec.Encode(buffer[..(Profile.Shards * shardBytes)], shardBytes);
        for (var i = 0; i < cids.Length; i++) cids[i] = Cid.Compute(buffer.Slice(i * shardBytes, shardBytes));
        return cids;
    }

    private async Task<ShardReceipt?> SendAsync(
        Send send, Queue<VolumePlace> spares, HashSet<string> failed, CancellationToken enough)
    {
        while (send.Place is { } place)
        {
            try
            {
                return await _shards.StoreAsync(place.Volume.Number, send.Header, send.Body, enough);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                if (enough.IsCancellationRequested) return null;
                lock (spares)
                {
                    failed.Add(place.Node.Host);
                    send.Place = spares.TryDequeue(out var spare) ? spare : null;
                }
            }
        }

        return null;
    }

    /// <summary>However it ends, nobody reads the buffer any more.</summary>
    private async Task WaitAsync(Send[] sends, CancellationTokenSource enough)
    {
        var all = Task.WhenAll(sends.Select(static s => s.Task));
        try
        {
            await WaitForEnoughAsync(sends, all, enough.Token);
        }
        finally
        {
            await enough.CancelAsync();
            await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await all;
    }

    /// <summary>Until all have ended, or enough have and the others had their little longer.</summary>
    private async Task WaitForEnoughAsync(Send[] sends, Task all, CancellationToken ct)
    {
        Task? limit = null;
        while (!all.IsCompleted)
        {
            var pending = sends.Where(static s => !s.Task.IsCompleted).Select(static s => (Task)s.Task).ToList();
            if (pending.Count == 0) break;
            if (limit is null
                && sends.Count(static s => s.Task is { IsCompletedSuccessfully: true, Result: not null })
                    >= Profile.Enough)
                limit = Task.Delay(_network.Options.StragglerTime, _network.Time, ct);
            if (limit is not null) pending.Add(limit);
            if (await Task.WhenAny(pending) != limit) continue;
            foreach (var late in sends)
            {
                if (!late.Task.IsCompleted && late.Place is { } place && _shards.Local(place.Volume.Number) is null)
                    _network.Remote(place.Node).Suspected();
            }

            break;
        }
    }

    /// <summary>
    /// Decisions §4.2: max(k + 1, n − hosts known to be down), so that one host may be lost after the answer.
    /// One that failed just now is known to be down, whether it did not answer or refused; so is one that came back
    /// only after this write had begun without it.
    /// </summary>
    private async ValueTask RequireAsync(ShardLocation[] locations, int downBefore, HashSet<string> failed)
    {
        var stored = locations.Count(static l => !l.IsAbsent);
        var down = Math.Max(downBefore, _placement.HostsDown(failed));
        var needed = Math.Max(Profile.Enough, Profile.Shards - down);
        if (stored >= needed)
        {
            if (stored < locations.Length) _network.Instruments.WentWithout(locations.Length - stored);
            return;
        }

        foreach (var location in locations) await _shards.DiscardAsync(location);
        throw new ShardUnavailableException($"{stored} hosts took a shard and {needed} are needed");
    }

    private sealed class Send(ShardHeader header, ReadOnlyMemory<byte> body)
    {
        public ShardHeader Header => header;

        public ReadOnlyMemory<byte> Body => body;

        /// <summary>Where it is being sent; null when nobody is left to take it.</summary>
        public VolumePlace? Place { get; set; }

        public Task<ShardReceipt?> Task { get; set; } = null!;
    }
}
