namespace Vault.Sql.Orleans.Storage;

/// <summary>Which state of which grain.</summary>
internal readonly record struct StateKey(string GrainType, ReadOnlyMemory<byte> GrainKey, string StateName);

/// <summary>A state as it is stored.</summary>
internal sealed record StoredState(long ETag, string Payload);

/// <summary>SQL over <c>grain_state</c>; versions decide, zero rows mean that another version is stored.</summary>
internal static class GrainStateTable
{
    private static readonly SqlQuery<StateKey, StoredState> SelectState = new(
        """
        select etag, payload from grain_state
        where grain_type = @grain_type and grain_key = @grain_key and state_name = @state_name
        """,
        BindKey, static r => new(r.Bigint(0), r.Text(1)));

    private static readonly SqlQuery<(StateKey Key, long ETag, string Payload), long> InsertState = new(
        """
        insert into grain_state (grain_type, grain_key, state_name, etag, payload, updated_ms)
        values (@grain_type, @grain_key, @state_name, @etag, @payload, {now_ms})
        on conflict (grain_type, grain_key, state_name) do nothing
        returning etag
        """,
        BindState, static r => r.Bigint(0));

    private static readonly SqlQuery<(StateKey Key, long ETag, string Payload), long> UpdateState = new(
        """
        update grain_state set etag = etag + 1, payload = @payload, updated_ms = {now_ms}
        where grain_type = @grain_type and grain_key = @grain_key and state_name = @state_name and etag = @etag
        returning etag
        """,
        BindState, static r => r.Bigint(0));

    private static readonly SqlQuery<(StateKey Key, long ETag), long> DeleteState = new(
        """
        delete from grain_state
        where grain_type = @grain_type and grain_key = @grain_key and state_name = @state_name and etag = @etag
        returning etag
        """,
        static (p, a) =>
        {
            BindKey(p, a.Key);
            p.Bigint("etag", a.ETag);
        },
        static r => r.Bigint(0));

    public static async Task<StoredState?> ReadAsync(Database database, StateKey key, CancellationToken ct)
    {
        var rows = await database.QueryAsync(SelectState, key, ct).ConfigureAwait(false);
        return rows is [var row] ? row : null;
    }

    /// <returns>The new version; null when something is stored already.</returns>
    public static Task<long?> InsertAsync(
        Database database, StateKey key, long etag, string payload, CancellationToken ct)
        => ChangeAsync(database.Begin(), InsertState, (key, etag, payload), ct);

    /// <returns>The new version; null when another version is stored.</returns>
    public static Task<long?> UpdateAsync(
        Database database, StateKey key, long etag, string payload, CancellationToken ct)
        => ChangeAsync(database.Begin(), UpdateState, (key, etag, payload), ct);

    /// <returns>The removed version; null when another version is stored.</returns>
    public static Task<long?> DeleteAsync(Database database, StateKey key, long etag, CancellationToken ct)
        => ChangeAsync(database.Begin(mayUseReserve: true), DeleteState, (key, etag), ct);

    private static async Task<long?> ChangeAsync<TArgs>(
        SqlTransaction transaction, SqlQuery<TArgs, long> change, TArgs args, CancellationToken ct)
    {
        var result = transaction.Query(change, args);
        await transaction.CommitAsync(ct).ConfigureAwait(false);
        return result.Rows is [var etag] ? etag : null;
    }

    private static void BindKey(SqlParameters p, StateKey key)
    {
        p.Text("grain_type", key.GrainType);
        p.Blob("grain_key", key.GrainKey);
        p.Text("state_name", key.StateName);
    }

    private static void BindState(SqlParameters p, (StateKey Key, long ETag, string Payload) state)
    {
        BindKey(p, state.Key);
        p.Bigint("etag", state.ETag);
        p.Text("payload", state.Payload);
    }
}
