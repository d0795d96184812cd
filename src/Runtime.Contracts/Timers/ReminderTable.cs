namespace Orleans;

/// <summary>Where reminders are kept.</summary>
public interface IReminderTable
{
    /// <summary>Prepares the table.</summary>
    Task StartAsync(CancellationToken cancellationToken = default)
#pragma warning disable CS0618
        => Init();
#pragma warning restore CS0618

    /// <summary>Prepares the table.</summary>
    [Obsolete("Implement and use StartAsync instead")]
    Task Init() => Task.CompletedTask;

    /// <summary>The reminders of a grain.</summary>
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>
    /// The reminders whose grain hashes into (begin, end]; wraps around when begin is not below end, and is everything
    /// when they are equal.
    /// </summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    /// <summary>One reminder, or null.</summary>
    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Writes a reminder whatever is there; its new version.</summary>
    Task<string?> UpsertRow(ReminderEntry entry);

    /// <summary>Removes a reminder if its version is still <paramref name="eTag"/>.</summary>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    /// <summary>Removes all.</summary>
    Task TestOnlyClearTable();

    /// <summary>Ends the use of the table.</summary>
    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>Reminders read together.</summary>
public sealed class ReminderTableData
{
    /// <summary>These.</summary>
    public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

    /// <summary>One.</summary>
    public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

    /// <summary>None.</summary>
    public ReminderTableData() => Reminders = [];

    /// <summary>The reminders.</summary>
    public IList<ReminderEntry> Reminders { get; }
}

/// <summary>One reminder as it is stored.</summary>
public sealed class ReminderEntry
{
    /// <summary>The grain.</summary>
    public GrainId GrainId { get; set; }

    /// <summary>The name, unique for the grain.</summary>
    public string ReminderName { get; set; } = "";

    /// <summary>When the first tick is due, UTC.</summary>
    public DateTime StartAt { get; set; }

    /// <summary>The period.</summary>
    public TimeSpan Period { get; set; }

    /// <summary>The stored version.</summary>
    public string ETag { get; set; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
}
