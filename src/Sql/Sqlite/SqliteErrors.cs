using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>SQLite result codes as our exceptions.</summary>
internal static class SqliteErrors
{
    public static SqlException Create(int code, string message) => (code & 0xFF) switch
    {
        SQLITE_CONSTRAINT => new SqlConstraintException(message),
        SQLITE_FULL => new SqlFullException($"The database's disk is full: {message}."),
        SQLITE_BUSY => new SqlUnavailableException($"The database is busy: {message}."),
        SQLITE_IOERR or SQLITE_CANTOPEN or SQLITE_READONLY =>
            new SqlUnavailableException($"The database file cannot be used ({message}, SQLite code {code})."),
        SQLITE_CORRUPT or SQLITE_NOTADB =>
            new SqlUnavailableException($"The database file is damaged ({message}, SQLite code {code})."),
        _ => new SqlException($"{message} (SQLite code {code})"),
    };
}
