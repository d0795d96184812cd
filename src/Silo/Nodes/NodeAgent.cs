using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Wire;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Silo.Nodes;

/// <summary>
/// Registers this process's volumes with the node directory, keeps its heartbeat going, and says goodbye before any
/// port closes, so that writers stop counting on this host.
/// </summary>
internal sealed partial class NodeAgent(
    NodeIdentity identity, ShardClient shards, IGrainFactory grains, TimeProvider time, NodePresence presence,
    IHostApplicationLifetime lifetime, ILogger<NodeAgent> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Twice the time in which every other process asks for the map.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly long _base = Random.Shared.NextInt64(long.MaxValue / 2);
    private long _beats;
    private bool _registered;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await StopAsync(cancellationToken); // no more heartbeats
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Farewell);
        try
        {
            await grains.GetGrain<INodeDirectoryGrain>(0).LeaveAsync(identity.Id, limit.Token);
            await Task.Delay(Grace, time, cancellationToken); // writers that have not heard of it are still served
        }
        catch (Exception e) when (IsMood(e))
        {
            // The directory notices by itself.
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.Started(stoppingToken);
        foreach (var volume in shards.LocalVolumes)
        {
            volume.Damaged += record => shards.Network?.Reports.Add(record.ObjectId);
            foreach (var record in volume.Recovery.Damaged) shards.Network?.Reports.Add(record.ObjectId);
        }

        using var timer = new PeriodicTimer(Period, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TellAsync(stoppingToken);
            }
            catch (Exception e) when (IsMood(e) && !stoppingToken.IsCancellationRequested)
            {
                LogUnheard(e.Message);
            }

            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    internal static bool IsMood(Exception e) => e is StoreUnavailableException or StoreFullException
        or OutcomeUnknownException or TimeoutException or OrleansException or OperationCanceledException
        or ObjectDisposedException or InvalidOperationException;

    private async Task TellAsync(CancellationToken ct)
    {
        var directory = grains.GetGrain<INodeDirectoryGrain>(0);
        if (!_registered)
        {
            var status = await directory.RegisterAsync(
                new NodeRegistration
                {
                    NodeId = identity.Id, Host = identity.Host, Endpoint = identity.Endpoint, Volumes = [.. Reports()],
                    Name = identity.Endpoint,
                },
                ct);
            _registered = status == NodeStatus.Ok;
            presence.Registered(_registered);
            if (status == NodeStatus.NumberTaken) LogNumberTaken();
            return;
        }

        var known = await directory.BeatAsync(
            new NodeBeat { NodeId = identity.Id, Counter = _base + ++_beats, Volumes = [.. Reports()] }, ct);
        if (known == NodeStatus.Ok) return;
        _registered = false;
        presence.Registered(false);
        await TellAsync(ct);
    }

    private IEnumerable<VolumeReport> Reports() => shards.LocalVolumes.Select(static volume =>
    {
        var stats = volume.GetStats();
        return new VolumeReport
        {
            Number = volume.Number, VolumeId = volume.Id, CapacityBytes = stats.AllocatedBytes + stats.FreeBytes,
            FreeBytes = stats.FreeBytes, Writable = stats.State == VolumeState.Open,
        };
    });

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning,
        Message = "The node directory did not take the heartbeat: {Reason}")]
    private partial void LogUnheard(string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error,
        Message = "A volume of this node has a number that another volume has; nothing is stored here")]
    private partial void LogNumberTaken();
}
