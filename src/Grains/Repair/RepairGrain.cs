using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Repair;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Storage.Shards;

namespace Vault.Grains.Repair;

/// <summary>
/// Works on what is due, one pass at a time, several bodies at once: by a timer while it is active, at once when
/// something is reported or the nodes change, by a reminder that makes it active. Nothing to do without a network.
/// </summary>
[Reentrant]
[KeepAlive]
internal sealed partial class RepairGrain(
    Database database, ShardClient shards, TimeProvider time, IOptionsMonitor<RepairOptions> options,
    RepairInstruments instruments, StoreInstruments store, ILogger<RepairGrain> logger)
    : Grain, IRepairGrain, IRemindable, IDisposable
{
    private const string Reminder = "repair";
    private const int MaxReports = 1024;
    private const int RowsAtOnce = 256;

    /// <summary>Counts attempts of bodies that fewer shards than needed are left of.</summary>
    private const long Hopeless = 1_000_000;

    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    private HashSet<uint> _usable = [];
    private FencedGrain? _self;
    private LostVolumes? _lost;
    private BodyRepair? _bodies;
    private Task _pass = Task.CompletedTask;
    private long _failures;
    private long _countedAt;
    private long _epoch = -1;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (shards.Network is null)
        {
            return;
        }

        var id = this.GetGrainId().ToString();
        _self = new FencedGrain(id, await Fence.TakeAsync(database, id, cancellationToken));
        _lost = new LostVolumes(database, _self);
        _bodies = new BodyRepair(database, shards, _self, instruments);
        await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod, cancellationToken);
        var period = options.CurrentValue.Period;
        this.RegisterGrainTimer(
            TickAsync, new GrainTimerCreationOptions { DueTime = period, Period = period, Interleave = true });
    }

    /// <summary>Another activation counts from now on.</summary>
    public void Dispose() => instruments.Seen(0, 0, 0);

    public async Task ReportAsync(ImmutableArray<ObjectId> objects, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(objects.Length, MaxReports);
        if (_bodies is null || objects.IsEmpty)
        {
            return;
        }

        var transaction = database.Begin(mayUseReserve: true);
        foreach (var id in objects.Distinct().OrderBy(static id => id.Value)) // two reports lock rows in one order
        {
            transaction.Execute(RepairTable.Add, RepairReason.Reported(id));
        }

        await transaction.SendAsync(cancellationToken);
    }

    public Task WakeAsync(CancellationToken cancellationToken) => Task.CompletedTask; // being active is enough

    public async Task<RepairProgress> RunAsync(CancellationToken cancellationToken)
    {
        while (!_pass.IsCompleted)
        {
            await Task.WhenAny(_pass).WaitAsync(cancellationToken); // its failure is its caller's
        }

        var pass = PassAsync(cancellationToken);
        _pass = pass;
        await EndAsync(pass);
        return await ProgressAsync(cancellationToken);
    }

    public async Task<RepairProgress> ProgressAsync(CancellationToken cancellationToken)
    {
        var count = (await database.ReadFirstAsync(RepairTable.Count, true, cancellationToken))!;
        instruments.Seen(count.Pending, count.Searching, count.Irreparable);
        return new RepairProgress
        {
            Pending = count.Pending, Searching = count.Searching, Rebuilt = _bodies?.Rebuilt ?? 0,
            RebuiltBytes = _bodies?.RebuiltBytes ?? 0, Failures = _failures,
        };
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask; // as above

    private async Task TickAsync(CancellationToken ct)
    {
        if (!_pass.IsCompleted)
        {
            return;
        }

        try
        {
            var pass = PassAsync(ct);
            _pass = pass;
            await EndAsync(pass);
            if (time.GetElapsedTime(_countedAt) > TimeSpan.FromSeconds(5))
            {
                _countedAt = time.GetTimestamp();
                await ProgressAsync(ct);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreFullException or OutcomeUnknownException)
        {
            LogPassFailed(e);
        }
    }

    /// <summary>Waits for a pass; one that met a newer activation's fence was this activation's last.</summary>
    private async Task EndAsync(Task pass)
    {
        try
        {
            await pass;
        }
        catch (FenceLostException)
        {
            if (_bodies is not null)
            {
                _bodies = null;
                store.FenceLost(FencedKind.Repair);
                DeactivateOnIdle();
            }

            throw new SupersededException("A newer activation repairs; nothing changed.");
        }
    }

    private async Task PassAsync(CancellationToken ct)
    {
        if (_bodies is not { } bodies || shards.Network!.Map.Epoch == 0)
        {
            return; // where anything is, is not known yet
        }

        if (!await Fence.HoldsAsync(database, _self!, ct))
        {
            throw new FenceLostException(); // also where nothing is due
        }

        await NoticeNodesAsync(ct);
        var settings = options.CurrentValue;
        while (await _lost!.StepAsync(settings, ct))
        {
            await DueAsync(bodies, settings, ct);
        }

        while (await DueAsync(bodies, settings, ct) == RowsAtOnce)
        {
        }
    }

    /// <summary>A volume that takes shards again may end what had to wait.</summary>
    private async Task NoticeNodesAsync(CancellationToken ct)
    {
        var map = shards.Network!.Map;
        if (map.Epoch == _epoch)
        {
            return;
        }

        var usable = map.Places.Where(static p => p.Node.Up && p.Volume is { Lost: false, Writable: true })
            .Select(static p => p.Volume.Number).ToHashSet();
        if (!usable.IsSubsetOf(_usable))
        {
            var transaction = database.Begin(mayUseReserve: true);
            transaction.Execute(RepairTable.AllDue, true);
            await transaction.SendAsync(ct);
        }

        (_usable, _epoch) = (usable, map.Epoch);
    }

    private async Task<int> DueAsync(BodyRepair bodies, RepairOptions settings, CancellationToken ct)
    {
        var rows = await database.ReadAsync(RepairTable.Due, RowsAtOnce, ct);
        for (var at = 0; at < rows.Count; at += settings.Parallel)
        {
            await Task.WhenAll(
                rows.Skip(at).Take(settings.Parallel).Select(row => RepairAsync(bodies, row, settings, ct)));
        }

        return rows.Count;
    }

    private async Task RepairAsync(BodyRepair bodies, RepairRow row, RepairOptions settings, CancellationToken ct)
    {
        var outcome = await bodies.RunAsync(row.ObjectId, ct);
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(Fence.Guard, _self!);
        if (outcome == RepairOutcome.Whole)
        {
            instruments.Whole();
            transaction.Execute(RepairTable.Done, row);
        }
        else
        {
            _failures++;
            instruments.Failed();
            var tries = row.Tries % Hopeless;
            var wait = Math.Min(
                settings.FirstWait.TotalMilliseconds * Math.Pow(2, Math.Min(tries, 20)),
                settings.LongestWait.TotalMilliseconds);
            var hopeless = outcome == RepairOutcome.Irreparable;
            transaction.Execute(RepairTable.Later, new RepairDelay(
                row.ObjectId, (long)wait, Math.Min(tries + 1, Hopeless - 1) + (hopeless ? Hopeless : 0)));
            if (hopeless)
            {
                LogIrreparable(row.ObjectId);
            }
        }

        if (await transaction.SendAsync(ct) is not null)
        {
            throw new FenceLostException();
        }
    }

    [LoggerMessage(
        EventId = 2310, Level = LogLevel.Warning, Message = "A repair pass ended early; the next one goes on")]
    private partial void LogPassFailed(Exception failure);

    [LoggerMessage(
        EventId = 2311, Level = LogLevel.Error,
        Message = "Body {ObjectId} has fewer shards than it needs; it waits for nodes to come back")]
    private partial void LogIrreparable(ObjectId objectId);
}
