using Vault.Events.Bus;
using Vault.Silo.Nodes;

namespace Vault.Silo.Engine;

/// <summary>
/// Reads the membership table when somebody says that it changed: a supervisor whose silo has ended tells nobody else
/// (decisions §2.1), and without it silos would hear of it with their next reading.
/// </summary>
internal sealed partial class MembershipWakeups(
    EventBus bus, IClusterMembershipService membership, IHostApplicationLifetime lifetime,
    ILogger<MembershipWakeups> logger) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.Started(stoppingToken);
        using var subscription = bus.Subscribe(EventChannel.Views);
        while (true)
        {
            try
            {
                await subscription.NextAsync(stoppingToken);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                limit.CancelAfter(Patience);
                await membership.Refresh(default, limit.Token);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && e is not ObjectDisposedException)
            {
                LogUnread(e.Message);
            }
        }
    }

    [LoggerMessage(EventId = 2902, Level = LogLevel.Warning,
        Message = "The membership table could not be read at a wake-up: {Reason}")]
    private partial void LogUnread(string reason);
}
