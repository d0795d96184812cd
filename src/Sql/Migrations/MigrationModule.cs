using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Sql.Migrations;

/// <summary>One numbered schema change; the checksum is over the text as written, before any dialect.</summary>
internal sealed record Migration
{
    public required long Number { get; init; }

    public required string Name { get; init; }

    /// <summary>The one kind of database that it changes; null: all.</summary>
    public SqlKind? Only { get; init; }

    public required string Text { get; init; }

    public required string Checksum { get; init; }

    /// <summary>What is run on that kind; a migration for another kind is only recorded.</summary>
    public string TextFor(SqlKind kind) => Only is null || Only == kind ? Text : "select 1;";
}

/// <summary>The migrations that one assembly embeds, numbered 1, 2, 3 …</summary>
internal sealed record MigrationModule
{
    private const string Folder = "Migrations.";

    public required string Name { get; init; }

    public required IReadOnlyList<Migration> Migrations { get; init; }

    public static MigrationModule Load(Assembly assembly)
    {
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var at = resource.LastIndexOf(Folder, StringComparison.Ordinal);
            if (at < 0 || (at > 0 && resource[at - 1] != '.') || !resource.EndsWith(".sql", StringComparison.Ordinal))
            {
                continue;
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            migrations.Add(Parse(resource[(at + Folder.Length)..^4], reader.ReadToEnd()));
        }

        return Create(assembly.GetName().Name ?? "", migrations);
    }

    public static MigrationModule Create(string name, IEnumerable<Migration> migrations)
    {
        var ordered = migrations.OrderBy(m => m.Number).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            if (ordered[i].Number != i + 1)
            {
                throw new SqlMigrationException(
                    $"{name}: migration {i + 1:D4} is missing or there twice ({ordered[i].Name} has its place).");
            }
        }

        return new() { Name = name, Migrations = ordered };
    }

    /// <param name="fileName"><c>NNNN-name</c>; for one kind only, <c>….postgres</c> or <c>….sqlite</c>.</param>
    /// <param name="text">SQL statements with dialect tokens.</param>
    public static Migration Parse(string fileName, string text)
    {
        var parts = fileName.Split('.');
        if (parts.Length > 2 || parts[0].Length < 6 || fileName[4] != '-'
            || !int.TryParse(fileName.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw BadName(fileName);
        }

        SqlKind? only = parts switch
        {
            [_] => null,
            [_, "postgres"] => SqlKind.Postgres,
            [_, "sqlite"] => SqlKind.Sqlite,
            _ => throw BadName(fileName),
        };

        var lines = text.ReplaceLineEndings("\n");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(lines));
        return new()
        {
            Number = number, Name = parts[0][5..], Only = only, Text = lines,
            Checksum = Convert.ToHexStringLower(hash),
        };
    }

    private static SqlMigrationException BadName(string fileName)
        => new("A migration is named NNNN-name.sql, NNNN-name.postgres.sql or NNNN-name.sqlite.sql, " +
            $"not {fileName}.sql.");
}
