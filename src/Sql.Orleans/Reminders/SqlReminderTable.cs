using System.Globalization;
using System.Security.Cryptography;

namespace Vault.Sql.Orleans.Reminders;

/// <summary>Reminders in the embedded database, found by grain or by the hash of the grain.</summary>
public sealed class SqlReminderTable(Database database) : IReminderTable
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId)
        => new(await database.QueryAsync(ReminderRowTable.OfGrain, grainId).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
        => new(await database.QueryAsync(
            begin < end ? ReminderRowTable.InRange : ReminderRowTable.OutsideRange, (begin, end))
            .ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var rows = await database.QueryAsync(ReminderRowTable.One, new(grainId, reminderName)).ConfigureAwait(false);
        return rows is [var row] ? row : null;
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        var transaction = database.Begin();
        var etag = transaction.Query(ReminderRowTable.Upsert, (entry, RandomNumberGenerator.GetInt32(int.MaxValue)));
        await transaction.CommitAsync().ConfigureAwait(false);
        return etag.Rows[0].ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        if (!long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        var transaction = database.Begin(mayUseReserve: true);
        var removed = transaction.Query(ReminderRowTable.Delete, (new ReminderKey(grainId, reminderName), version));
        await transaction.CommitAsync().ConfigureAwait(false);
        return removed.Rows.Count == 1;
    }

    /// <inheritdoc/>
    public async Task TestOnlyClearTable()
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(ReminderRowTable.DeleteAll, true);
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
