namespace Vault.Sql;

/// <summary>The databases that Vault runs on.</summary>
public enum SqlKind
{
    /// <summary>The embedded database of a single process.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or newer.</summary>
    Postgres,
}
