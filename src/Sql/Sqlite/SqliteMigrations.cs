using Vault.Sql.Dialects;
using Vault.Sql.Migrations;

namespace Vault.Sql.Sqlite;

/// <summary>Applies migrations on the writer's connection, each in its own transaction.</summary>
internal static class SqliteMigrations
{
    public static void Apply(SqliteConnection connection, IReadOnlyList<MigrationModule> modules)
    {
        var dialect = new SqliteDialect();
        connection.Run(dialect.Translate(MigrationPlan.Table));
        var applied = Applied(connection);
        using var insert = connection.Prepare(dialect.Translate(MigrationPlan.Insert));
        foreach (var module in modules)
        {
            foreach (var migration in MigrationPlan.Missing(module, modules, applied, SqlKind.Sqlite))
            {
                Apply(connection, module.Name, migration, dialect.Translate(migration.Text), insert);
            }
        }
    }

    private static void Apply(
        SqliteConnection connection, string module, Migration migration, string script, SqliteStatement insert)
    {
        connection.Run("begin immediate");
        try
        {
            connection.Run(script);
            var parameters = insert.BeginBind();
            parameters.Text("module", module);
            parameters.Bigint("number", migration.Number);
            parameters.Text("name", migration.Name);
            parameters.Text("checksum", migration.Checksum);
            insert.EndBind();
            insert.Next();
            insert.Reset();
            connection.Run("commit");
        }
        catch (SqlException e)
        {
            insert.Reset();
            if (connection.InTransaction)
            {
                connection.Run("rollback");
            }

            throw new SqlMigrationException(
                $"Migration {migration.Number:D4}-{migration.Name} of {module}: {e.Message}", e);
        }
    }

    private static List<AppliedMigration> Applied(SqliteConnection connection)
    {
        using var select = connection.Prepare(MigrationPlan.Select);
        var rows = new List<AppliedMigration>();
        while (select.Next())
        {
            rows.Add(new(select.Row.Text(0), select.Row.Bigint(1), select.Row.Text(2), select.Row.Text(3)));
        }

        return rows;
    }
}
