using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

[Alias("tests.timer")]
public interface ITimerGrain : IGrainWithStringKey, IRemindable
{
    [Alias("Start")]
    Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave, bool keepAlive);

    [Alias("Change")]
    Task ChangeAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("Stop")]
    Task StopAsync(string name);

    [Alias("ChangeNothing")]
    Task ChangeNothingAsync();

    [Alias("Busy")]
    Task BusyAsync(string gate);

    [Alias("Remind")]
    Task RemindAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("Forget")]
    Task ForgetAsync(string name);

    [Alias("Reminders")]
    Task<string[]> RemindersAsync();

    [Alias("Leave")]
    Task LeaveAsync();
}

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private readonly Dictionary<string, IGrainTimer> _timers = [];

    public Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave, bool keepAlive)
    {
        _timers[name] = this.RegisterGrainTimer(
            static (s, ct) => s.Grain.TickAsync(s.Name, ct),
            (Grain: this, Name: name),
            new GrainTimerCreationOptions(due, period) { Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(string name, TimeSpan due, TimeSpan period)
    {
        _timers[name].Change(due, period);
        return Task.CompletedTask;
    }

    public Task StopAsync(string name)
    {
        _timers[name].Dispose();
        return Task.CompletedTask;
    }

    public Task ChangeNothingAsync() => Task.CompletedTask;

    public async Task BusyAsync(string gate)
    {
        probe.Say("busy");
        await probe.Gate(gate);
    }

    public async Task RemindAsync(string name, TimeSpan due, TimeSpan period) =>
        await this.RegisterOrUpdateReminder(name, due, period);

    public async Task ForgetAsync(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> RemindersAsync() =>
        [.. (await this.GetReminders()).Select(r => r.ReminderName).Order()];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        probe.Say($"reminded {reminderName} {status.Period.TotalMinutes}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Say("deactivated");
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task TickAsync(string name, CancellationToken ct)
    {
        ct.Register(() => probe.Say($"token {name}"));
        probe.Say($"tick {name}");
        if (name.StartsWith("endless", StringComparison.Ordinal))
        {
            await probe.Gate(name).WaitAsync(ct);
        }

        if (name.StartsWith("throwing", StringComparison.Ordinal))
        {
            ct.Register(() => throw new InvalidDataException("bad end of a tick"));
        }

        if (name.StartsWith("slow", StringComparison.Ordinal))
        {
            await probe.Gate(name);
        }

        if (name.StartsWith("bad", StringComparison.Ordinal))
        {
            throw new InvalidDataException("bad tick");
        }
    }
}
