using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>
/// The silo as a member: joins, and when its lease is lost gives up what it served and joins again as a new generation,
/// for as long as the process lives.
/// </summary>
internal sealed partial class SiloGenerations(
    LocalNode node,
    GrainCatalog catalog,
    ActivationTable table,
    ViewAgent views,
    IMembership membership,
    RemoteCalls remote,
    ObserverTable observers,
    SiloControl control,
    IOptions<MembershipOptions> options,
    ILogger<SiloGenerations> logger) : IDisposable
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(8);
    private readonly CancellationTokenSource _stopping = new();
    private Task _recovering = Task.CompletedTask;
    private int _losses;
    private long _joinedAt;
    private int _quickLosses;

    /// <summary>The next generation of an address: seconds since 2022, so that a restart has a higher one.</summary>
    public static int Next(TimeProvider time, int before) => Math.Max(
        before + 1,
        (int)(time.GetUtcNow() - new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds);

    public async Task JoinAsync(CancellationToken ct)
    {
        membership.Lost += OnLost;
        remote.Behind += membership.Suspect;
        await views.JoinAsync(Self(), ct);
        _joinedAt = node.Time.GetTimestamp();
    }

    /// <summary>Joins no more.</summary>
    public async Task StopAsync()
    {
        membership.Lost -= OnLost;
        await node.Executor.CancelAsync(_stopping);
        await Executor.EndOfAsync(_recovering);
    }

    /// <summary>
    /// Gives up every activation: calls that started end as unknown, and those that wait go elsewhere.
    /// </summary>
    public void AbandonAll(string why)
    {
        foreach (var activation in table.Activations())
        {
            try
            {
                activation.Abandon(new SiloUnavailableException($"{why}; whether the call took effect is unknown."));
            }
            catch (Exception exception)
            {
                LogNotAbandoned(logger, exception, activation.GrainId); // the silo must join again all the same
            }
        }
    }

    public void Dispose() => _stopping.Dispose();

    private Member Self() => new(node.Address, node.Name, options.Value.Weight, catalog.Adverts());

    private void OnLost(string reason)
    {
        if (Interlocked.Increment(ref _losses) == 1)
        {
            _recovering = node.Executor.Run(RecoverAsync);
        }
    }

    private async Task RecoverAsync()
    {
        int losses;
        do
        {
            losses = Volatile.Read(ref _losses);
            AbandonAll("The silo has lost its lease");
            while (!_stopping.IsCancellationRequested && !await TryRejoinAsync(_stopping.Token))
            {
            }
        }
        while (Interlocked.Add(ref _losses, -losses) != 0 && !_stopping.IsCancellationRequested);
    }

    private async Task<bool> TryRejoinAsync(CancellationToken ct)
    {
        try
        {
            await Task.Delay(Pause(), node.Time, ct);
            await membership.WaitUntilReachableAsync(ct);
            observers.Remove(ObserverTable.IdOf(node.Address, SiloControl.Name));
            await remote.ReopenAsync(SiloAddress.New(
                node.Address.Endpoint, Next(node.Time, node.Address.Generation)));
            observers.Add(control, SiloControl.Name);
            await membership.JoinAsync(Self(), ct);
            _joinedAt = node.Time.GetTimestamp();
            if (node.IsServing)
            {
                LogRejoined(logger, node.Address);
            }

            return true;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Nothing after a long time in the cluster; longer each time that it was short.</summary>
    private TimeSpan Pause()
    {
        _quickLosses = node.Time.GetElapsedTime(_joinedAt) < s_longestPause ? Math.Min(_quickLosses + 1, 6) : 0;
        var pause = options.Value.ViewSpacing * ((1 << _quickLosses) - 1);
        return pause < s_longestPause ? pause : s_longestPause;
    }

    [LoggerMessage(EventId = 1018, Level = LogLevel.Error, Message = "{Grain} could not be given up")]
    private static partial void LogNotAbandoned(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(EventId = 1017, Level = LogLevel.Warning, Message = "The silo serves again, as {Silo}")]
    private static partial void LogRejoined(ILogger logger, SiloAddress silo);
}
