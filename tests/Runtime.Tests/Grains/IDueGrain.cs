namespace Vault.Runtime.Tests.Grains;

/// <summary>Keeps what is due in a table of its own, and does it on any tick and when it is activated.</summary>
[Alias("tests.due")]
public interface IDueGrain : IGrainWithStringKey, IRemindable
{
    /// <summary>Books work that is due so much later; retries book it once.</summary>
    [Alias("Book")]
    Task BookAsync(string work, TimeSpan later);

    [Alias("Leave")]
    Task LeaveAsync();
}

public sealed class DueTable
{
    public List<(string Grain, string Work, DateTimeOffset Due)> Rows { get; } = [];

    public List<string> Done { get; } = [];
}

public sealed class DueGrain(DueTable table, TimeProvider time, Support.Probe probe) : Grain, IDueGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await this.RegisterOrUpdateReminder("due", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        CatchUp();
    }

    public Task BookAsync(string work, TimeSpan later)
    {
        lock (table)
        {
            table.Rows.Add((this.GetPrimaryKeyString(), work, time.GetUtcNow() + later));
        }

        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        CatchUp();
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private void CatchUp()
    {
        lock (table)
        {
            foreach (var row in table.Rows.Where(r => r.Grain == this.GetPrimaryKeyString()
                && r.Due <= time.GetUtcNow()).ToList())
            {
                table.Rows.Remove(row);
                table.Done.Add(row.Work);
                probe.Say($"done {row.Work}");
            }
        }
    }
}
