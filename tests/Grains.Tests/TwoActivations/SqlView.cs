using Npgsql;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>A PostgreSQL database as one who belongs to nobody sees it.</summary>
internal sealed class SqlView(string connectionString)
{
    /// <summary>
    /// Has the database note each head that is committed under another fence than is stored at that moment.
    /// </summary>
    public const string Witness =
        """
        create table late_commit (grain text, seq bigint, fence bigint);
        create function see_commit() returns trigger language plpgsql as $$
        declare
          id text := 'index/' || encode(new.bucket_id, 'hex') || '/'
            || lpad(to_hex(get_byte(sha256(new.key), 0) % 16), 2, '0');
          held bigint;
        begin
          select fence into held from grain_fence where grain_id = id;
          if held is distinct from new.seq >> 32 then
            insert into late_commit values (id, new.seq, held);
          end if;
          return null;
        end $$;
        create constraint trigger see_commit after insert or update on object_head
        deferrable initially deferred for each row execute function see_commit();
        """;

    public string ConnectionString => connectionString;

    public async Task RunAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of all rows.</summary>
    public async Task<List<T>> ReadAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(await reader.GetFieldValueAsync<T>(0));
        return rows;
    }

    public async Task<long> CountAsync(string sql) => (await ReadAsync<long>(sql)).Single();

    /// <summary>Begins a transaction with a statement, which holds its locks until the connection goes.</summary>
    public async Task<NpgsqlConnection> HoldAsync(string sql)
    {
        var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand("begin; " + sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until so many sessions wait for a lock.</summary>
    public async Task WaitForBlockedAsync(int sessions)
    {
        while (await CountAsync(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
            < sessions)
        {
            await Task.Yield();
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
