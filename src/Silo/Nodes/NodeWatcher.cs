using System.Collections.Immutable;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Repair;
using Vault.Protocol.Ids;
using Vault.Storage.Shards;

namespace Vault.Silo.Nodes;

/// <summary>
/// Keeps this process's map of nodes fresh: asks the directory for another epoch, twice a second; and tells repair what
/// this process found.
/// </summary>
internal sealed partial class NodeWatcher(
    ShardNetwork network, IGrainFactory grains, TimeProvider time, IHostApplicationLifetime lifetime,
    ILogger<NodeWatcher> logger) : BackgroundService
{
    private const int ReportsAtOnce = 256;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.Started(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (NodeAgent.IsMood(e) && !stoppingToken.IsCancellationRequested)
            {
                // The last map serves meanwhile.
                LogStale(e.Message);
            }

            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var listing = await grains.GetGrain<INodeDirectoryGrain>(0).ListAsync(network.Map.Epoch, ct);
        if (listing is not null)
        {
            network.Publish(MapOf(listing));
            await grains.GetGrain<IRepairGrain>(0).WakeAsync(ct);
        }

        await ReportAsync(ct);
    }

    /// <summary>What reads and scrub found; what cannot be told now is found again.</summary>
    private async Task ReportAsync(CancellationToken ct)
    {
        var found = ImmutableArray.CreateBuilder<ObjectId>();
        while (found.Count < ReportsAtOnce && network.Reports.Reader.TryRead(out var id)) found.Add(id);
        if (found.Count > 0) await grains.GetGrain<IRepairGrain>(0).ReportAsync(found.ToImmutable(), ct);
    }

    private static NodeMap MapOf(NodeListing listing) => new(listing.Epoch,
    [
        .. listing.Nodes.Select(static node => new ShardNode
        {
            Id = node.NodeId, Host = node.Host, Endpoint = node.Endpoint, Up = node.Up,
            Volumes =
            [
                .. node.Volumes.Select(static volume => new ShardVolume
                {
                    Number = volume.Number, Writable = volume.Writable, Lost = volume.Lost,
                    Weight = Weight(volume.FreeBytes),
                }),
            ],
        }),
    ]);

    /// <summary>100 for a terabyte free, by the square root; whatever is free counts a little.</summary>
    private static int Weight(long freeBytes) =>
        (int)Math.Clamp(Math.Round(100 * Math.Sqrt(freeBytes / 1e12)), 1, 10_000);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Debug, Message = "The map of nodes could not be renewed: {Reason}")]
    private partial void LogStale(string reason);
}
