using Npgsql;
using NpgsqlTypes;
using Vault.Sql.Dialects;
using Vault.Sql.Migrations;

namespace Vault.Sql.Postgres;

/// <summary>
/// Applies migrations, each in its own transaction, on a connection of its own without time limits, under an advisory
/// lock: of many processes that start together one works, the others wait and find nothing to do.
/// </summary>
internal static class PostgresMigrations
{
    /// <summary>"vaultsql" in ASCII.</summary>
    private const long LockKey = 0x7661756C7473716C;

    public static async Task ApplyAsync(
        string connectionString, IReadOnlyList<MigrationModule> modules, CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "vault migrations", Pooling = false, CommandTimeout = 0,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(ct).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Connecting(e);
        }

        try
        {
            await ApplyAsync(connection, modules, ct).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Committing(e);
        }
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationModule> modules, CancellationToken ct)
    {
        var dialect = new PostgresDialect();
        await using (var take = new NpgsqlCommand("select pg_advisory_lock($1)", connection))
        {
            take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey, NpgsqlDbType = NpgsqlDbType.Bigint });
            await take.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }

        await using (var create = new NpgsqlCommand(dialect.Translate(MigrationPlan.Table), connection))
        {
            await create.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }

        var applied = await AppliedAsync(connection, ct).ConfigureAwait(false);
        foreach (var module in modules)
        {
            foreach (var migration in MigrationPlan.Missing(module, modules, applied, SqlKind.Postgres))
            {
                await ApplyAsync(connection, module.Name, migration, dialect, ct).ConfigureAwait(false);
            }
        }

        // The lock goes with the connection, which is not pooled.
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection, string module, Migration migration, PostgresDialect dialect, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
        try
        {
            await using (var script = new NpgsqlCommand(dialect.Translate(migration.Text), connection))
            {
                await script.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
            }

            var (text, names) = PostgresDialect.Number(dialect.Translate(MigrationPlan.Insert));
            await using var insert = new NpgsqlCommand(text, connection);
            foreach (var name in names)
            {
                object value = name switch
                {
                    "module" => module,
                    "number" => migration.Number,
                    "name" => migration.Name,
                    _ => migration.Checksum,
                };
                insert.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            await insert.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw new SqlMigrationException(
                $"Migration {migration.Number:D4}-{migration.Name} of {module}: {e.MessageText}", e);
        }

        await transaction.CommitAsync(ct).ConfigureAwait(false);
    }

    private static async Task<List<AppliedMigration>> AppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(MigrationPlan.Select, connection);
        await using var reader = await select.ExecuteReaderAsync(ct).ConfigureAwait(false);
        var rows = new List<AppliedMigration>();
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            rows.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
        }

        return rows;
    }
}
