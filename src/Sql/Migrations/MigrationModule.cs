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

    public required string Text { get; init; }

    public required string Checksum { get; init; }
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

    /// <param name="fileName"><c>NNNN-name</c>.</param>
    /// <param name="text">SQL statements with dialect tokens.</param>
    public static Migration Parse(string fileName, string text)
    {
        if (fileName.Length < 6 || fileName[4] != '-'
            || !int.TryParse(fileName.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new SqlMigrationException($"A migration is named NNNN-name.sql, not {fileName}.sql.");
        }

        var lines = text.ReplaceLineEndings("\n");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(lines));
        return new()
        {
            Number = number, Name = fileName[5..], Text = lines, Checksum = Convert.ToHexStringLower(hash),
        };
    }
}
