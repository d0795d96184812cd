using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Timers;
using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Reminders;

/// <summary>
/// Ticks the reminders of the grains that this silo owns. It reads the table, one range of hashes after another, when
/// it starts, when the view changes and every so often; between readings a tick may be missed, late or doubled:
/// reminders are hints.
/// </summary>
internal sealed partial class ReminderService(
    IReminderTable table,
    IOptions<ReminderOptions> options,
    IGrainFactory grains,
    LocalNode node,
    ViewHolder views,
    ViewAgent agent,
    ILogger<ReminderService> logger) : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>Ranges of the ring, so that what other silos own is never in memory at once.</summary>
    private const int Ranges = 16;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId Grain, string Name), LocalReminder> _local = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _refreshing = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<ReminderService>(ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(
        GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrEmpty(reminderName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"A reminder's period is at least {options.Value.MinimumReminderPeriod}; '{reminderName}' asks for "
                + $"{period}.", nameof(period));
        }

        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = node.Time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = await table.UpsertRow(entry)
            ?? throw new ReminderException($"Reminder '{reminderName}' of {callingGrainId} could not be stored.");
        Take(entry);
        return new GrainReminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var eTag = (reminder as GrainReminder
            ?? throw new ArgumentException("It comes from another registry.", nameof(reminder))).ETag;
        Drop((callingGrainId, reminder.ReminderName));
        if (!await table.RemoveRow(callingGrainId, reminder.ReminderName, eTag)
            && await table.ReadRow(callingGrainId, reminder.ReminderName) is not null)
        {
            throw new ReminderException(
                $"Reminder '{reminder.ReminderName}' of {callingGrainId} was registered again since; get it anew.");
        }
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await table.ReadRow(callingGrainId, reminderName) is { } entry
            ? new GrainReminder(entry.ReminderName, entry.ETag)
            : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await table.ReadRows(callingGrainId)).Reminders.Select(e => new GrainReminder(e.ReminderName, e.ETag))];

    public void Dispose()
    {
        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Value.InitializationTimeout);
        await table.StartAsync(limit.Token);
        agent.ViewChanged += OnViewChanged;
        await RefreshAsync();
        _refreshing = Task.Run(() => RefreshLoopAsync(_stopping.Token), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken ct)
    {
        agent.ViewChanged -= OnViewChanged;
        await _stopping.CancelAsync();
        await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var key in Keys())
        {
            Drop(key);
        }

        await table.StopAsync(ct);
    }

    private void OnViewChanged(ClusterView view)
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // a reading is due already
        }
    }

    private async Task RefreshLoopAsync(CancellationToken ct)
    {
        var period = options.Value.RefreshReminderListPeriod;
        var pause = period;
        while (true)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(
                Task.Delay(pause, node.Time, waiting.Token), _wake.WaitAsync(waiting.Token));
            await waiting.CancelAsync();
            ct.ThrowIfCancellationRequested();
            try
            {
                await RefreshAsync();
                pause = period;
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                LogRefreshFailed(logger, exception);
                pause = s_retryAfter < period ? s_retryAfter : period;
            }
        }
    }

    private async Task RefreshAsync()
    {
        const uint Width = (uint)((1UL << 32) / Ranges);
        var silos = views.Current.Owners.Length;
        for (uint range = 0; range < Ranges; range++)
        {
            var end = unchecked(((range + 1) * Width) - 1);
            await RefreshAsync(unchecked(end - Width), end);
        }

        LogRead(logger, node.Address, silos);
    }

    private async Task RefreshAsync(uint begin, uint end)
    {
        var stored = (await table.ReadRows(begin, end)).Reminders
            .Where(entry => IsMine(entry.GrainId))
            .ToDictionary(entry => (entry.GrainId, entry.ReminderName));
        foreach (var key in Keys())
        {
            if (unchecked(key.Grain.GetUniformHashCode() - begin - 1) < end - begin && !stored.ContainsKey(key))
            {
                Drop(key);
            }
        }

        foreach (var (_, entry) in stored)
        {
            Take(entry);
        }
    }

    private bool IsMine(GrainId id) => node.Address.Equals(views.Current.OwnerOf(id));

    private List<(GrainId Grain, string Name)> Keys()
    {
        lock (_gate)
        {
            return [.. _local.Keys];
        }
    }

    private void Take(ReminderEntry entry)
    {
        if (!IsMine(entry.GrainId) || _stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_gate)
        {
            var key = (entry.GrainId, entry.ReminderName);
            if (_local.TryGetValue(key, out var local))
            {
                if (local.ETag == entry.ETag)
                {
                    return;
                }

                local.Dispose();
            }

            _local[key] = new LocalReminder(entry, grains.GetGrain<IRemindable>(entry.GrainId), node, logger);
        }
    }

    private void Drop((GrainId, string) key)
    {
        lock (_gate)
        {
            if (_local.Remove(key, out var local))
            {
                local.Dispose();
            }
        }
    }

    [LoggerMessage(
        EventId = 1401, Level = LogLevel.Warning, Message = "The reminder table could not be read; it is tried again")]
    private static partial void LogRefreshFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1403, Level = LogLevel.Debug, Message = "{Silo} has read its reminders as one of {Silos} silos")]
    private static partial void LogRead(ILogger logger, SiloAddress silo, int silos);

    private sealed record GrainReminder(string ReminderName, string ETag) : IGrainReminder;
}
