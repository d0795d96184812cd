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

    /// <summary>
    /// What is left to apply to a database of that kind; throws when the past differs. A module may have been given
    /// another name since: then the first of these also renames its rows, in its transaction, so that a database that
    /// refuses it is still the former program's.
    /// </summary>
    public static List<Migration> Missing(
        MigrationModule module, IReadOnlyList<MigrationModule> modules, IReadOnlyList<AppliedMigration> applied,
        SqlKind kind)
    {
        var former = FormerName(module, modules, applied);
        var mine = applied.Where(a => a.Module == (former ?? module.Name)).OrderBy(a => a.Number).ToList();
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

        var rename = former is null
            ? ""
            : $"update schema_migration set module = {Quote(module.Name)} where module = {Quote(former)};\n";
        return
        [
            .. module.Migrations.Skip(mine.Count)
                .Select((m, i) => m with { Text = (i == 0 ? rename : "") + m.TextFor(kind) }),
        ];
    }

    /// <summary>
    /// The name under which the database knows a module that it does not know by its own: that of the stored module
    /// which began with the same migration and is none of the present ones.
    /// </summary>
    private static string? FormerName(
        MigrationModule module, IReadOnlyList<MigrationModule> modules, IReadOnlyList<AppliedMigration> applied)
        => module.Migrations is not [var first, ..] || applied.Any(a => a.Module == module.Name)
            ? null
            : applied.FirstOrDefault(a => a.Number == first.Number && a.Checksum == first.Checksum
                && modules.All(m => m.Name != a.Module))?.Module;

    private static string Quote(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
