using System.Globalization;

namespace Vault.Runtime.Reminders;

/// <summary>Holds reminders in memory; key 0.</summary>
[Alias("vault.runtime.reminder-table")]
internal interface IReminderTableGrain : IGrainWithIntegerKey
{
    /// <summary>All reminders; retries are safe.</summary>
    [Alias("Read")]
    Task<ReminderRow[]> ReadAsync();

    /// <summary>Writes a reminder; a retry writes it again.</summary>
    [Alias("Write")]
    Task<string> WriteAsync(ReminderRow row);

    /// <summary>Removes a reminder of this version; a retry finds it gone.</summary>
    [Alias("Remove")]
    Task<bool> RemoveAsync(GrainId grain, string name, string eTag);

    /// <summary>Removes all; retries are safe.</summary>
    [Alias("Clear")]
    Task ClearAsync();
}

/// <summary>A reminder.</summary>
[GenerateSerializer, Immutable, Alias("vault.runtime.reminder-row")]
internal sealed record ReminderRow
{
    [Id(0)]
    public required GrainId Grain { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    [Id(2)]
    public required DateTime StartAt { get; init; }

    [Id(3)]
    public required TimeSpan Period { get; init; }

    [Id(4)]
    public required string ETag { get; init; }
}

[GrainType("vault.runtime.remindertable"), KeepAlive]
internal sealed class ReminderTableGrain : Grain, IReminderTableGrain
{
    private readonly Dictionary<(GrainId, string), ReminderRow> _rows = [];
    private long _version;

    public Task<ReminderRow[]> ReadAsync() => Task.FromResult(_rows.Values.ToArray());

    public Task<string> WriteAsync(ReminderRow row)
    {
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        _rows[(row.Grain, row.Name)] = row with { ETag = version };
        return Task.FromResult(version);
    }

    public Task<bool> RemoveAsync(GrainId grain, string name, string eTag) => Task.FromResult(
        _rows.TryGetValue((grain, name), out var row) && row.ETag == eTag && _rows.Remove((grain, name)));

    public Task ClearAsync()
    {
        _rows.Clear();
        return Task.CompletedTask;
    }
}

/// <summary>A reminder table in the memory of a grain: it lives as long as the silo that holds it.</summary>
internal sealed class InMemoryReminderTable(IGrainFactory grains) : IReminderTable
{
    private IReminderTableGrain Grain => grains.GetGrain<IReminderTableGrain>(0);

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public async Task<ReminderTableData> ReadRows(GrainId grainId) =>
        new((await Grain.ReadAsync()).Where(row => row.Grain == grainId).Select(Entry));

    public async Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        new((await Grain.ReadAsync()).Where(row => IsIn(row.Grain.GetUniformHashCode(), begin, end)).Select(Entry));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Grain.ReadAsync())
            .Where(row => row.Grain == grainId && row.Name == reminderName)
            .Select(Entry)
            .FirstOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry) => await Grain.WriteAsync(new ReminderRow
    {
        Grain = entry.GrainId,
        Name = entry.ReminderName,
        StartAt = entry.StartAt,
        Period = entry.Period,
        ETag = entry.ETag,
    });

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        Grain.RemoveAsync(grainId, reminderName, eTag);

    public Task TestOnlyClearTable() => Grain.ClearAsync();

    /// <summary>Whether a hash is in (begin, end], around the ring; everything is when both are equal.</summary>
    private static bool IsIn(uint hash, uint begin, uint end) =>
        begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static ReminderEntry Entry(ReminderRow row) => new()
    {
        GrainId = row.Grain,
        ReminderName = row.Name,
        StartAt = row.StartAt,
        Period = row.Period,
        ETag = row.ETag,
    };
}
