using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Nodes;

/// <summary>
/// The directory: rows say who registered, memory says who is there. A new activation takes everybody for present who
/// was when it began, and waits for their heartbeats from then on. What memory says may be old, and never goes back: an
/// epoch begins with the fence, and an activation whose fence was taken ends within a second, or when it is asked by
/// somebody who has heard a later one.
/// </summary>
[KeepAlive]
internal sealed partial class NodeDirectoryGrain(
    Database database, TimeProvider time, IOptionsMonitor<NodeDirectoryOptions> options, StoreInstruments store,
    ILogger<NodeDirectoryGrain> logger) : Grain, INodeDirectoryGrain
{
    private const int MaxVolumes = 64;
    private const int MaxText = 255;
    private const int FenceShift = 32;
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FencePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Guid, KnownNode> _nodes = [];
    private FencedGrain _self = null!;
    private NodeListing? _listing;
    private long _epoch;
    private long _savedAt;
    private long _beganAt;
    private bool _retired;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var id = this.GetGrainId().ToString();
        _self = new FencedGrain(id, await Fence.TakeAsync(database, id, cancellationToken));
        _epoch = _self.Fence << FenceShift; // no two activations share an epoch
        _savedAt = _beganAt = time.GetTimestamp();
        await LoadAsync(cancellationToken);
        this.RegisterGrainTimer(CheckAsync, new GrainTimerCreationOptions
        {
            DueTime = CheckPeriod, Period = CheckPeriod, Interleave = false,
        });
        this.RegisterGrainTimer(MeetFenceAsync, new GrainTimerCreationOptions
        {
            DueTime = FencePeriod, Period = FencePeriod, Interleave = true, // a slow database holds no heartbeat up
        });
    }

    public async Task<NodeStatus> RegisterAsync(NodeRegistration node, CancellationToken cancellationToken)
    {
        Check(node);
        var row = new NodeRow
        {
            NodeId = node.NodeId, Host = node.Host, Endpoint = node.Endpoint, Name = node.Name,
        };
        var all = _nodes.Values.SelectMany(static n => n.Volumes.Values).ToList();
        foreach (var volume in node.Volumes)
        {
            if (all.Exists(v => v.Number == volume.Number && v.VolumeId != volume.VolumeId))
            {
                await RequireFenceAsync(cancellationToken);
                LogNumberTaken(volume.Number, node.Endpoint);
                return NodeStatus.NumberTaken;
            }
        }

        // Whoever had this name, endpoint or identity, and does not have a volume any more, has lost it.
        var before = _nodes.Values.Where(n => IsSame(n.Row, node)).ToList();
        var lost = before.SelectMany(static n => n.Volumes.Values)
            .Where(v => !v.Lost && node.Volumes.All(now => now.VolumeId != v.VolumeId)).ToList();
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(Fence.Guard, _self);
        transaction.Execute(NodeTable.PutNode, row);
        foreach (var volume in node.Volumes)
        {
            transaction.Execute(NodeTable.PutVolume, RowOf(node.NodeId, volume));
        }

        foreach (var volume in lost)
        {
            transaction.Execute(NodeTable.Lose, volume.Number);
        }

        await CommitAsync(transaction, cancellationToken);
        foreach (var volume in lost)
        {
            LogLost(volume.Number, node.Endpoint);
        }

        await LoadAsync(cancellationToken);
        foreach (var replaced in _nodes.Values.Where(n => IsSame(n.Row, node)))
        {
            replaced.Up = false;
        }

        var known = _nodes[node.NodeId];
        (known.Up, known.HeardAt) = (true, time.GetTimestamp());
        known.Update(node.Volumes);
        Changed();
        return NodeStatus.Ok;
    }

    public async Task<NodeStatus> BeatAsync(NodeBeat beat, CancellationToken cancellationToken)
    {
        if (beat.Volumes.Length > MaxVolumes || !_nodes.TryGetValue(beat.NodeId, out var known)
            || !known.Has(beat.Volumes))
        {
            return NodeStatus.Unknown;
        }

        if (beat.Counter != known.Counter)
        {
            (known.Counter, known.HeardAt) = (beat.Counter, time.GetTimestamp());
        }

        if (known.Update(beat.Volumes))
        {
            Changed();
        }

        if (!known.Up)
        {
            await SetAwayAsync(known, away: false, cancellationToken);
        }

        return NodeStatus.Ok;
    }

    public async Task LeaveAsync(Guid nodeId, CancellationToken cancellationToken)
    {
        if (_nodes.TryGetValue(nodeId, out var known) && known.Up)
        {
            await SetAwayAsync(known, away: true, cancellationToken);
        }
    }

    public async Task<NodeListing?> ListAsync(long knownEpoch, CancellationToken cancellationToken)
    {
        if (knownEpoch == _epoch)
        {
            return null;
        }

        // Nobody is told older things than he knows; but a database that went back is right.
        if (knownEpoch >> FenceShift > _self.Fence)
        {
            await RequireFenceAsync(cancellationToken);
        }

        return _listing ??= new NodeListing
        {
            Epoch = _epoch, Nodes = [.. _nodes.Values.Select(static n => n.Entry())],
        };
    }

    private static bool IsSame(NodeRow known, NodeRegistration node) => known.NodeId == node.NodeId
        || known.Endpoint == node.Endpoint || (node.Name.Length > 0 && known.Name == node.Name);

    private static VolumeRow RowOf(Guid nodeId, VolumeReport volume) => new()
    {
        Number = volume.Number, VolumeId = volume.VolumeId, NodeId = nodeId, CapacityBytes = volume.CapacityBytes,
        FreeBytes = volume.FreeBytes, Writable = volume.Writable, Lost = false,
    };

    private static void Check(NodeRegistration node)
    {
        if (node.Host.Length is 0 or > MaxText || node.Endpoint.Length is 0 or > MaxText
            || node.Name.Length > MaxText
            || node.Volumes.IsDefault || node.Volumes.Length > MaxVolumes || node.Volumes.Any(static v => v.Number == 0)
            || node.Volumes.Select(static v => v.Number).Distinct().Count() != node.Volumes.Length)
        {
            throw new ArgumentException("Not a node: host, endpoint and volume numbers are needed.", nameof(node));
        }
    }

    /// <summary>Reads all rows; who is known already keeps what memory says of it.</summary>
    private async Task LoadAsync(CancellationToken ct)
    {
        var nodes = await database.ReadAsync(NodeTable.Nodes, true, ct);
        var volumes = await database.ReadAsync(NodeTable.Volumes, true, ct);
        var before = new Dictionary<Guid, KnownNode>(_nodes);
        _nodes.Clear();
        foreach (var row in nodes)
        {
            var known = before.GetValueOrDefault(row.NodeId)
                ?? new KnownNode(row, time.GetTimestamp(), up: row.AwayMs is null);
            known.Row = row;
            var old = new Dictionary<uint, VolumeRow>(known.Volumes);
            known.Volumes.Clear();
            foreach (var volume in volumes.Where(v => v.NodeId == row.NodeId))
            {
                known.Volumes[volume.Number] =
                    volume with { Writable = old.GetValueOrDefault(volume.Number)?.Writable ?? true };
            }

            _nodes[row.NodeId] = known;
        }

        Changed();
    }

    private async Task CheckAsync(CancellationToken ct)
    {
        try
        {
            var settings = options.CurrentValue;
            foreach (var node in _nodes.Values.ToList())
            {
                if (node.Up && time.GetElapsedTime(node.HeardAt) > settings.AwayAfter)
                {
                    await SetAwayAsync(node, away: true, ct);
                }
            }

            if (time.GetElapsedTime(_savedAt) >= SavePeriod)
            {
                _savedAt = time.GetTimestamp();
                await SaveAsync(settings, ct);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreFullException or OutcomeUnknownException)
        {
            LogCheckFailed(e);
        }
    }

    /// <summary>Memory first: that a node is away must be known even while the database is.</summary>
    private async Task SetAwayAsync(KnownNode node, bool away, CancellationToken ct)
    {
        node.Up = !away;
        Changed();
        if (away)
        {
            LogAway(node.Row.Endpoint, node.Row.Host);
        }
        else
        {
            LogBack(node.Row.Endpoint, node.Row.Host);
        }

        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(Fence.Guard, _self);
        transaction.Execute(NodeTable.SetAway, new NodeAway(node.Row.NodeId, away));
        await CommitAsync(transaction, ct);
    }

    private async Task SaveAsync(NodeDirectoryOptions settings, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(Fence.Guard, _self);
        foreach (var node in _nodes.Values)
        {
            transaction.Execute(NodeTable.SaveBeats, new NodeBeats(node.Row.NodeId, node.Counter));
            transaction.Execute(NodeTable.SetAway, new NodeAway(node.Row.NodeId, !node.Up));
            foreach (var volume in node.Volumes.Values)
            {
                transaction.Execute(NodeTable.SaveRoom, volume);
            }
        }

        await CommitAsync(transaction, ct);

        // After a stop of the whole cluster everybody has been away for long, and some take their time to come back.
        var grace = settings.LostAfter < LongestGrace ? settings.LostAfter : LongestGrace;
        if (time.GetElapsedTime(_beganAt) < grace)
        {
            return;
        }

        var given = await database.ReadAsync(NodeTable.LongAway, (long)settings.LostAfter.TotalMilliseconds, ct);
        if (given.Count == 0)
        {
            return;
        }

        var losing = database.Begin(mayUseReserve: true);
        losing.Check(Fence.Guard, _self);
        foreach (var volume in given)
        {
            losing.Execute(NodeTable.Lose, volume.Number);
        }

        await CommitAsync(losing, ct);
        foreach (var volume in given)
        {
            LogLost(volume.Number, "its node, away for too long");
        }

        await LoadAsync(ct);
    }

    private async Task CommitAsync(SqlTransaction transaction, CancellationToken ct)
    {
        if (await transaction.SendAsync(ct) is not null)
        {
            throw Retire();
        }
    }

    private async Task RequireFenceAsync(CancellationToken ct)
    {
        if (!await Fence.HoldsAsync(database, _self, ct))
        {
            throw Retire();
        }
    }

    /// <summary>
    /// Without it an activation that hears heartbeats and is asked for lists, but has nothing to write, would go on.
    /// </summary>
    private async Task MeetFenceAsync(CancellationToken ct)
    {
        try
        {
            await RequireFenceAsync(ct);
        }
        catch (StoreUnavailableException)
        {
            // Retired; or the database is away, and memory is all there is.
        }
    }

    private SupersededException Retire()
    {
        if (!_retired)
        {
            _retired = true;
            store.FenceLost(FencedKind.Nodes);
            LogRetired(_self.Fence);
            DeactivateOnIdle();
        }

        return new SupersededException("A newer activation keeps the node directory; nothing changed.");
    }

    private void Changed()
    {
        _epoch++;
        _listing = null;
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "Node {Endpoint} on {Host} is away")]
    private partial void LogAway(string endpoint, string host);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Information, Message = "Node {Endpoint} on {Host} is back")]
    private partial void LogBack(string endpoint, string host);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning,
        Message = "Volume {Volume} is lost to {Endpoint}; its shards will be made again elsewhere")]
    private partial void LogLost(uint volume, string endpoint);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Error,
        Message = "Node {Endpoint} offers a volume {Volume} that is not the one of this number")]
    private partial void LogNumberTaken(uint volume, string endpoint);

    [LoggerMessage(EventId = 2305, Level = LogLevel.Warning, Message = "The node directory could not be saved")]
    private partial void LogCheckFailed(Exception failure);

    [LoggerMessage(EventId = 2306, Level = LogLevel.Information,
        Message = "The node directory of fence {Fence} ends: a newer activation keeps it")]
    private partial void LogRetired(long fence);
}
