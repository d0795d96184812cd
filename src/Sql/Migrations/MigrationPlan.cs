namespace Vault.Sql.Migrations;

/// <summary>A migration as the database remembers it.</summary>
internal sealed record AppliedMigration(string Module, long Number, string Name, string Checksum);

/// <summary>The table of applied migrations, and the comparison of it with what the program has.</summary>
internal static class MigrationPlan
{
    public const string Table = """
        create table if not exists schema_migration (
          module {text} not null, number {bigint} not null, name {text} not null, checksum {text} not null,
          applied_ms {bigint} not null, primary key (module, number)) {without_rowid}
        """;

    public const string Select = "select module, number, name, checksum from schema_migration";

    public const string Insert = """
        insert into schema_migration (module, number, name, checksum, applied_ms)
        values (@module, @number, @name, @checksum, {now_ms})
        """;

    /// <summary>What is left to apply; throws when the past differs.</summary>
    public static List<Migration> Missing(MigrationModule module, IEnumerable<AppliedMigration> applied)
    {
        var mine = applied.Where(a => a.Module == module.Name).OrderBy(a => a.Number).ToList();
        for (var i = 0; i < mine.Count; i++)
        {
            if (i >= module.Migrations.Count)
            {
                throw new SqlMigrationException(
                    $"The database has migration {mine[i].Number:D4}-{mine[i].Name} of {module.Name}, which this " +
                    "program does not know: it was used by a newer version. Start that version.");
            }

            var own = module.Migrations[i];
            if (mine[i].Number != own.Number || mine[i].Checksum != own.Checksum)
            {
                throw new SqlMigrationException(
                    $"Migration {own.Number:D4}-{own.Name} of {module.Name} was changed after this database had " +
                    $"applied it (as {mine[i].Number:D4}-{mine[i].Name}). Migrations only go forward: restore the " +
                    "file and add a new one.");
            }
        }

        return [.. module.Migrations.Skip(mine.Count)];
    }
}
