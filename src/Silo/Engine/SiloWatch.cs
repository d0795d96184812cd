using Vault.Grains.Abstractions.Silos;
using Vault.Silo.Nodes;

namespace Vault.Silo.Engine;

/// <summary>
/// Tells a front end that silos have gone. Orleans tells clients nothing of it, and a call that was under way to such a
/// silo, or through it, would hang for the whole response time-out (decisions §2.5).
/// </summary>
/// <remarks>
/// Two sources: the view of the cluster, asked for through one gateway after the other, and connections to gateways
/// that close.
/// </remarks>
internal sealed class SiloWatch(
    IGrainFactory grains, KnownSilos known, TimeProvider time, IHostApplicationLifetime lifetime)
    : BackgroundService, IClusterConnectionStatusObserver
{
    private const int MostQuestions = 8;

    /// <summary>Keys of the grain that is asked; each leads to some gateway.</summary>
    private const int Keys = 64;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Questions that meet a silo that hangs end before there are so many of them that no others are asked.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long calls to silos that live still get to end after others have gone.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    private TaskCompletionSource _gone = New();
    private int _questions;
    private int _key;

    /// <summary>Ends a while after some silo has gone; take it before the call is sent.</summary>
    public Task Gone => Volatile.Read(ref _gone).Task;

    public void NotifyClusterConnectionLost() => Announce();

    public void NotifyGatewayCountChanged(
        int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        if (currentNumberOfGateways < previousNumberOfGateways) Announce();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.Started(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // A question that hangs must not keep the next from being asked through another gateway.
            if (Volatile.Read(ref _questions) < MostQuestions) _ = AskAsync(stoppingToken);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _questions);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (known.Take(await grains.GetGrain<ISiloViewGrain>(_key++ % Keys).ReadAsync(either.Token)))
                Announce();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // The next question goes elsewhere.
        }
        finally
        {
            Interlocked.Decrement(ref _questions);
        }
    }

    private void Announce() => _ = AnnounceAsync();

    /// <summary>Calls that begin from here on know of it, and are not meant.</summary>
    private async Task AnnounceAsync()
    {
        var gone = Interlocked.Exchange(ref _gone, New());
        await Task.Delay(Grace, time);
        gone.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
