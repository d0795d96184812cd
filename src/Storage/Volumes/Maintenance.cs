using Microsoft.Extensions.Logging;

namespace Vault.Storage.Volumes;

/// <summary>What a volume does by itself: seals closed logs, compacts, scrubs, watches the free space.</summary>
internal sealed partial class Maintenance(
    LogCatalog catalog, VolumeOptions options, SpaceGuard space, Sealer sealer, Compactor compactor, Scrubber scrubber,
    Quarantine quarantine, Action reopen, TimeProvider time, ILogger<Volume> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _loop = Task.CompletedTask, _scrub = Task.CompletedTask;

    public void Start()
    {
        _loop = Task.Run(LoopAsync);
        _scrub = Task.Run(ScrubLoopAsync);
    }

    /// <summary>Compacts as long as there is something to do; returns how many times.</summary>
    public async Task<int> CompactAsync(bool pressed, bool paced, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var budget = paced && !pressed ? new IoBudget(options.CompactionBytesPerSecond, time) : null;
            var done = 0;
            while (await CompactOnceAsync(pressed, budget, ct))
                done++;
            return done;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Scrubs every sealed log that was last scrubbed at or before a time; returns the records quarantined.
    /// </summary>
    public async Task<int> ScrubAsync(DateTimeOffset before, bool paced, CancellationToken ct)
    {
        var budget = paced ? new IoBudget(options.ScrubBytesPerSecond, time) : null;
        var damaged = 0;
        foreach (var log in scrubber.Due(before))
        {
            try
            {
                damaged += await scrubber.ScrubAsync(log, budget, ct);
            }
            catch (IndexDamagedException failure) when (failure.Log is not null)
            {
                Rebuild(log);
                damaged += await scrubber.ScrubAsync(log, budget, ct);
            }
        }

        return damaged;
    }

    /// <summary>Makes an index again and reports what was lost with its log's headers.</summary>
    public void Rebuild(LogFile log)
    {
        foreach (var damage in sealer.Rebuild(log, log.Index))
            quarantine.Report(damage);
    }

    /// <summary>Seals closed logs now; a failure is tried again with the next round.</summary>
    public void SealQuietly()
    {
        try
        {
            sealer.SealClosed();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            LogFailed(failure, catalog.Volume);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loop, _scrub).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task<bool> CompactOnceAsync(bool pressed, IoBudget? budget, CancellationToken ct)
    {
        try
        {
            return await compactor.RunOnceAsync(pressed, budget, ct);
        }
        catch (IndexDamagedException damaged) when (damaged.Log is { } log)
        {
            Rebuild(log);
            return true;
        }
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(options.MaintenanceInterval, time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                space.Refresh();
                sealer.SealClosed();
                reopen();
                await CompactAsync(pressed: !space.StoringAllowed, paced: true, _stop.Token);
                space.Refresh();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogFailed(failure, catalog.Volume);
            }
        }
    }

    private async Task ScrubLoopAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                await ScrubAsync(time.GetUtcNow() - options.ScrubInterval, paced: true, _stop.Token);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogFailed(failure, catalog.Volume);
            }
        }
    }

    [LoggerMessage(
        EventId = 3011, Level = LogLevel.Error,
        Message = "Volume {Volume}: maintenance failed and will be tried again")]
    private partial void LogFailed(Exception failure, uint volume);
}
