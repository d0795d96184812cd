using Microsoft.Extensions.Logging;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Ownership;

/// <summary>
/// Follows views on behalf of this process. On a silo: ends what the view gives to others, acknowledges, and lets
/// grains in by the view barrier.
/// </summary>
internal sealed partial class ViewAgent(
    LocalNode node, IMembership membership, ViewHolder views, ActivationTable table, ILogger<ViewAgent> logger)
    : IGatekeeper, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    /// <summary>
    /// How long a change of view waits for running calls of grains that move; what is left is abandoned.
    /// </summary>
    public static TimeSpan DrainLimit { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs after each new view is known here.</summary>
    public event Action<ClusterView>? ViewChanged;

    public async Task JoinAsync(Member self, CancellationToken ct)
    {
        await membership.JoinAsync(self, ct);
        Follow();
        await views.WaitAsync(s => s.Current.Contains(node.Address), ct);
    }

    public void Follow() => _following = node.Executor.Run(() => FollowAsync(_stopping.Token));

    /// <summary>Gives up ownership and waits until nothing is served here.</summary>
    public async Task LeaveAsync(CancellationToken ct)
    {
        await membership.LeaveAsync(node.Address, ct);
        await views.WaitAsync(s => !s.Current.Contains(node.Address), ct);
        await StopAsync();
    }

    public async Task StopAsync()
    {
        await node.Executor.CancelAsync(_stopping);
        await Executor.EndOfAsync(_following);
    }

    public void Dispose() => _stopping.Dispose();

    public async ValueTask<bool> EnterAsync(GrainId id, GrainClass grainClass, CancellationToken ct)
    {
        if (grainClass.MaxLocalWorkers > 0)
        {
            return RequireLease();
        }

        var snapshot = views.Snapshot;
        if (!Decided(snapshot))
        {
            snapshot = await views.WaitAsync(Decided, ct);
        }

        return IsMine(snapshot) && RequireLease();

        bool RequireLease() => node.IsServing
            ? true
            : throw new SiloUnavailableException($"{id} was not activated: the lease of {node.Address} has ended.");
        bool IsMine(ClusterSnapshot s) => node.Address.Equals(s.Current.OwnerOf(id));
        bool Decided(ClusterSnapshot s) => !IsMine(s) || s.MayActivate(id, node.Address);
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        var number = 0L;
        await foreach (var snapshot in membership.WatchAsync(ct))
        {
            views.Update(snapshot);
            var view = snapshot.Current;
            if (view.Number == number)
            {
                continue;
            }

            number = view.Number;
            LogView(logger, node.Address, view.Number, view.Owners.Length, view.Leavers.Length);
            ViewChanged?.Invoke(view);
            if (!view.Contains(node.Address))
            {
                continue;
            }

            try
            {
                await DrainAsync(view, ct);
                await membership.AcknowledgeAsync(node.Address, view.Number, ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                LogNotAcknowledged(logger, exception, node.Address, view.Number);
            }
        }
    }

    private async Task DrainAsync(ClusterView view, CancellationToken ct)
    {
        var leaving = view.Leavers.Any(m => m.Address.Equals(node.Address));
        var others = view.Owners.Any(m => !m.Address.Equals(node.Address));
        var moved = table.Activations()
            .Where(a => leaving || (a.Class.MaxLocalWorkers == 0 && !node.Address.Equals(view.OwnerOf(a.GrainId))))
            .ToList();
        if (moved.Count == 0)
        {
            return;
        }

        var reason = leaving
            ? new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo stops.")
            : new DeactivationReason(
                DeactivationReasonCode.DirectoryFailure, $"View {view.Number} gives the grain to another silo.");
        foreach (var activation in moved)
        {
            activation.Withdraw(reason);
        }

        var ended = Task.WhenAll(moved.Select(a => a.Deactivated));
        try
        {
            await (others ? ended.WaitAsync(DrainLimit, node.Time, ct) : ended.WaitAsync(ct));
        }
        catch (TimeoutException)
        {
            foreach (var activation in moved)
            {
                activation.Abandon(new SiloUnavailableException(
                    $"Grain {activation.GrainId} moved to another silo while the call ran; whether it took effect is "
                    + "unknown."));
            }
        }
    }

    [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "{Silo} could not acknowledge view {View}")]
    private static partial void LogNotAcknowledged(ILogger logger, Exception exception, SiloAddress silo, long view);

    [LoggerMessage(
        EventId = 1001, Level = LogLevel.Information,
        Message = "{Silo} follows view {View}: {Owners} owners, {Leavers} leavers")]
    private static partial void LogView(ILogger logger, SiloAddress silo, long view, int owners, int leavers);
}
