using System.Collections.Concurrent;
using Vault.Sql.Dialects;

namespace Vault.Sql.Postgres;

/// <summary>A definition in PostgreSQL's form.</summary>
internal sealed class PostgresText(SqlDefinition definition, string text, string[] names)
{
    public SqlDefinition Definition { get; } = definition;

    public string Text { get; } = text;

    /// <summary>Parameter names in the order of <c>$1</c>, <c>$2</c> …</summary>
    public string[] Names { get; } = names;

    /// <summary>Whether the server answers with a row set; null until the server was asked.</summary>
    public bool? YieldsRows { get; set; } = IsPlainChange(text) ? false : null;

    private static bool IsPlainChange(string text)
        => (text.StartsWith("insert", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("update", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("delete", StringComparison.OrdinalIgnoreCase))
            && !text.Contains("returning", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Every definition's translation, made once per process.</summary>
internal sealed class PostgresTexts
{
    private readonly PostgresDialect dialect = new();
    private readonly ConcurrentDictionary<SqlDefinition, PostgresText> plain = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<SqlDefinition, PostgresText> checks = new(ReferenceEqualityComparer.Instance);

    public PostgresText Plain(SqlDefinition definition)
        => plain.TryGetValue(definition, out var text)
            ? text
            : plain.GetOrAdd(definition, Create(definition, dialect.Translate(definition.Text)));

    public PostgresText Check(SqlDefinition definition)
        => checks.TryGetValue(definition, out var text)
            ? text
            : checks.GetOrAdd(
                definition, Create(definition, PostgresDialect.Check(dialect.Translate(definition.Text))));

    private static PostgresText Create(SqlDefinition definition, string translated)
    {
        var (text, names) = PostgresDialect.Number(translated);
        return new(definition, text, names);
    }
}
