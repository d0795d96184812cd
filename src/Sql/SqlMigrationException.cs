namespace Vault.Sql;

/// <summary>The database's schema and this program's migrations don't fit together.</summary>
public sealed class SqlMigrationException(string message, Exception? inner = null) : SqlException(message, inner);
