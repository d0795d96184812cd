using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Grains.Uploads;
using Vault.Sql;
using Vault.Storage.Shards;

namespace Vault.Grains.Reclaim;

/// <summary>
/// Runs the passes, one at a time: by a timer while it is active, by a reminder that makes it active, or on request.
/// What is due is in the tables, so a pass that is missed or doubled does no harm.
/// </summary>
[Reentrant]
[KeepAlive]
internal sealed partial class ReclaimGrain(
    Database database, ShardClient shards, TimeProvider time, IOptionsMonitor<ReclaimOptions> options,
    ReclaimInstruments instruments, ILogger<ReclaimGrain> logger) : Grain, IReclaimGrain, IRemindable
{
    private const string Reminder = "reclaim";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    private readonly DeadManifests _dead = new(database, shards, logger);
    private readonly OrphanSweep _orphans = new(database, shards, time, logger);
    private Task<ReclaimReport>? _pass;
    private long _pagesSweptToMs;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod, cancellationToken);
        var period = options.CurrentValue.Period;
        this.RegisterGrainTimer(
            TickAsync, new GrainTimerCreationOptions { DueTime = period, Period = period, Interleave = true });
    }

    public async Task PublishOldestReadAsync(string gatewayId, long oldestReadMs, CancellationToken cancellationToken)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(ReclaimTable.Publish, new GatewayRead(gatewayId, oldestReadMs));
        await transaction.SendAsync(cancellationToken);
    }

    public async Task<ReclaimReport> RunAsync(CancellationToken cancellationToken)
    {
        while (_pass is { IsCompleted: false } running)
        {
            await Task.WhenAny(running).WaitAsync(cancellationToken); // its failure is its caller's
        }

        _pass = PassAsync(long.MaxValue, cancellationToken);
        return await _pass;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask; // being active is enough

    private async Task TickAsync(CancellationToken ct)
    {
        if (_pass is { IsCompleted: false })
        {
            return;
        }

        try
        {
            _pass = PassAsync(options.CurrentValue.RecordsPerPass, ct);
            await _pass;
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreFullException or OutcomeUnknownException)
        {
            LogPassFailed(e);
        }
    }

    private async Task<ReclaimReport> PassAsync(long records, CancellationToken ct)
    {
        var settings = options.CurrentValue;
        var uploads = await ExpireUploadsAsync(settings, ct);
        await ForgetAsync(settings, ct);
        await SweepPagesAsync(settings, ct);
        var (manifests, deleted) = await _dead.RunAsync(settings, ct);
        if (_dead.MetUnreadable)
        {
            _orphans.StartAgain();
        }

        var orphans = await _orphans.RunAsync(settings.OrphanAge, records, ct);
        instruments.Passed(manifests, deleted, orphans, uploads);
        if (orphans > 0)
        {
            LogOrphans(orphans);
        }

        return new ReclaimReport { Manifests = manifests, Shards = deleted, Orphans = orphans, Uploads = uploads };
    }

    private async Task<long> ExpireUploadsAsync(ReclaimOptions settings, CancellationToken ct)
    {
        long aborted = 0;
        while (true)
        {
            var rows = await database.ReadAsync(
                ReclaimTable.OldUploads, (long)settings.UploadAge.TotalMilliseconds, ct);
            foreach (var row in rows)
            {
                aborted += await UploadAbort.RunAsync(database, row.Key, ct) ? 1 : 0;
            }

            if (rows.Count == 0)
            {
                return aborted;
            }
        }
    }

    private async Task ForgetAsync(ReclaimOptions settings, CancellationToken ct)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(ReclaimTable.ForgetEnded, (long)settings.UploadAge.TotalMilliseconds);
        foreach (var statement in ReclaimTable.ForgetMemos)
        {
            transaction.Execute(statement, (long)settings.MemoAge.TotalMilliseconds);
        }

        await transaction.SendAsync(ct);
    }

    /// <summary>Pages staged for a manifest that never came; each stretch of time is looked at once.</summary>
    private async Task SweepPagesAsync(ReclaimOptions settings, CancellationToken ct)
    {
        var now = (await database.ReadFirstAsync(ManifestTable.Now, true, ct))!.Value;
        var to = now - (long)settings.OrphanAge.TotalMilliseconds;
        foreach (var id in await database.ReadAsync(ReclaimTable.StrayPages, new Stretch(_pagesSweptToMs, to), ct))
        {
            var transaction = database.Begin(mayUseReserve: true);
            transaction.Execute(ReclaimTable.DeletePages, id);
            await transaction.SendAsync(ct);
        }

        _pagesSweptToMs = Math.Max(_pagesSweptToMs, to);
    }

    [LoggerMessage(
        EventId = 2204, Level = LogLevel.Warning, Message = "A reclaim pass ended early; the next one goes on")]
    private partial void LogPassFailed(Exception failure);

    [LoggerMessage(
        EventId = 2205, Level = LogLevel.Information, Message = "Deleted {Count} shards that no manifest names")]
    private partial void LogOrphans(long count);
}
