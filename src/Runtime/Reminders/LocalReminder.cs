using Microsoft.Extensions.Logging;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Reminders;

/// <summary>
/// Ticks one reminder: at its start plus whole periods; a tick that is due while the last one runs, or while this silo
/// may not serve, is left out.
/// </summary>
internal sealed partial class LocalReminder : IDisposable
{
    private readonly ReminderEntry _entry;
    private readonly IRemindable _grain;
    private readonly LocalNode _node;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private int _ticking;

    public LocalReminder(ReminderEntry entry, IRemindable grain, LocalNode node, ILogger logger)
    {
        (_entry, _grain, _node, _logger) = (entry, grain, node, logger);
        using var suppressed = ExecutionContext.IsFlowSuppressed()
            ? default(AsyncFlowControl?)
            : ExecutionContext.SuppressFlow();
        _timer = node.Time.CreateTimer(
            static reminder => _ = ((LocalReminder)reminder!).TickAsync(), this, UntilNext(), entry.Period);
    }

    public string ETag => _entry.ETag;

    public void Dispose() => _timer.Dispose();

    private TimeSpan UntilNext()
    {
        var since = _node.Time.GetUtcNow().UtcDateTime - _entry.StartAt;
        return since < TimeSpan.Zero ? -since : _entry.Period - TimeSpan.FromTicks(since.Ticks % _entry.Period.Ticks);
    }

    private async Task TickAsync()
    {
        if (!_node.IsServing || Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            await _grain.ReceiveReminder(
                _entry.ReminderName, new TickStatus(_entry.StartAt, _entry.Period, _node.Time.GetUtcNow().UtcDateTime));
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
