using Microsoft.Extensions.Logging;

namespace Vault.Runtime.Reminders;

/// <summary>
/// Ticks one reminder: at its start plus whole periods; a tick that is due while the last one runs is left out.
/// </summary>
internal sealed partial class LocalReminder : IDisposable
{
    private readonly ReminderEntry _entry;
    private readonly IRemindable _grain;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private int _ticking;

    public LocalReminder(ReminderEntry entry, IRemindable grain, TimeProvider time, ILogger logger)
    {
        (_entry, _grain, _time, _logger) = (entry, grain, time, logger);
        using var suppressed = ExecutionContext.IsFlowSuppressed()
            ? default(AsyncFlowControl?)
            : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(
            static reminder => _ = ((LocalReminder)reminder!).TickAsync(), this, UntilNext(), entry.Period);
    }

    public string ETag => _entry.ETag;

    public void Dispose() => _timer.Dispose();

    private TimeSpan UntilNext()
    {
        var since = _time.GetUtcNow().UtcDateTime - _entry.StartAt;
        return since < TimeSpan.Zero ? -since : _entry.Period - TimeSpan.FromTicks(since.Ticks % _entry.Period.Ticks);
    }

    private async Task TickAsync()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            await _grain.ReceiveReminder(
                _entry.ReminderName, new TickStatus(_entry.StartAt, _entry.Period, _time.GetUtcNow().UtcDateTime));
        }
        catch (Exception exception)
        {
            LogTickFailed(_logger, exception, _entry.ReminderName, _entry.GrainId);
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    [LoggerMessage(
        EventId = 1402, Level = LogLevel.Warning, Message = "Reminder {Name} of {Grain} failed; it ticks on")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, string name, GrainId grain);
}
