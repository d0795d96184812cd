using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Reclaim;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Reads of volumes that are under way, published so that reclaim waits for the oldest (decisions §3.7); and the
/// database's time as last read, which dates the grants of writes.
/// </summary>
internal sealed partial class RunningReads(
    IGrainFactory grains, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<RunningReads> logger)
    : BackgroundService
{
    /// <summary>A grant may be dated back this far: its twelve hours then end that much earlier, never later.</summary>
    private static readonly TimeSpan GrantAge = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, long> running = new();
    private readonly string gatewayId = Guid.NewGuid().ToString("N");
    private StoreTime? last;
    private long next;

    /// <summary>Begins a read; ends when disposed.</summary>
    public Reading Begin()
    {
        var id = Interlocked.Increment(ref next);
        running[id] = time.GetTimestamp();
        return new(this, id);
    }

    /// <summary>The database's time, at most half a minute old: the date of a grant.</summary>
    public async ValueTask<long> GrantAsync(CancellationToken cancellationToken)
    {
        if (last is { } recent && time.GetElapsedTime(recent.ReadAt) < GrantAge)
            return recent.UnixMs;
        return (await ReadTimeAsync(cancellationToken)).UnixMs;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await PublishAsync(stoppingToken);
            }
            catch (Exception) when (IsEnding(stoppingToken))
            {
                return;
            }
            catch (Exception exception)
            {
                // The loop is its own outermost handler: while nothing is published, nothing is reclaimed.
                LogUnpublished(exception);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    /// <summary>A host that ends takes the database away before it asks the loops to stop.</summary>
    private bool IsEnding(CancellationToken stoppingToken) =>
        stoppingToken.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested;

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetTimestamp();
        foreach (var (_, began) in running)
            oldest = Math.Min(oldest, began);
        var now = await ReadTimeAsync(cancellationToken);
        var age = (long)time.GetElapsedTime(oldest).TotalMilliseconds;
        await grains.GetGrain<IReclaimGrain>(0)
            .PublishOldestReadAsync(gatewayId, now.UnixMs - age, cancellationToken);
    }

    private async Task<StoreTime> ReadTimeAsync(CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var read = new StoreTime(await grains.GetGrain<IManifestGrain>(0).GrantAsync(cancellationToken), readAt);
        last = read;
        return read;
    }

    [LoggerMessage(
        EventId = 5030, Level = LogLevel.Warning, Message = "The oldest running read could not be published")]
    private partial void LogUnpublished(Exception exception);

    private sealed record StoreTime(long UnixMs, long ReadAt);

    /// <summary>One read under way.</summary>
    internal readonly struct Reading(RunningReads reads, long id) : IDisposable
    {
        public void Dispose() => reads.running.TryRemove(id, out _);
    }
}
