namespace Vault.Sql.Dialects;

/// <summary>
/// SQLite: one writer, so row locks are dropped; the time of <c>{now_ms}</c> is a parameter that the connection binds.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    /// <summary>The parameter behind <c>{now_ms}</c>.</summary>
    public const string NowParameter = "vault_now_ms";

    protected override string Token(string name) => name switch
    {
        "blob" => "blob",
        "text" => "text",
        "bigint" => "integer",
        "bool" => "integer",
        "without_rowid" => "without rowid",
        "system_identifier" => "'embedded'",
        "now_ms" => "@" + NowParameter,
        _ => throw Unknown(name),
    };

    protected override string Finish(string text) => text
        .Replace(" for share", "", StringComparison.OrdinalIgnoreCase)
        .Replace(" for update", "", StringComparison.OrdinalIgnoreCase);
}
