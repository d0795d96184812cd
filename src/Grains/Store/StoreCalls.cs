using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>Calls of the database whose failures are already those of <see cref="StoreErrors"/>.</summary>
internal static class StoreCalls
{
    /// <summary>All rows.</summary>
    public static async Task<List<TRow>> ReadAsync<TArgs, TRow>(
        this Database database, SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct)
    {
        try
        {
            return await database.QueryAsync(query, args, ct);
        }
        catch (SqlException e) when (StoreErrors.Translate(e) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>The first row or null.</summary>
    public static async Task<TRow?> ReadFirstAsync<TArgs, TRow>(
        this Database database, SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct)
        where TRow : class
    {
        var rows = await database.ReadAsync(query, args, ct);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>The first row or null for each argument, in one round trip.</summary>
    public static async Task<TRow?[]> ReadEachAsync<TArgs, TRow>(
        this Database database, SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct)
        where TRow : class
    {
        try
        {
            return await database.QueryEachAsync(query, args, ct);
        }
        catch (SqlException e) when (StoreErrors.Translate(e) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Commits.</summary>
    /// <returns>Null, or the failed check: nothing happened.</returns>
    public static async Task<SqlCheckFailedException?> SendAsync(this SqlTransaction transaction, CancellationToken ct)
    {
        try
        {
            await transaction.CommitAsync(ct);
            return null;
        }
        catch (SqlCheckFailedException e)
        {
            return e;
        }
        catch (SqlException e) when (StoreErrors.Translate(e) is { } translated)
        {
            throw translated;
        }
    }
}
