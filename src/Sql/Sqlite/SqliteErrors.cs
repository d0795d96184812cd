namespace Vault.Sql.Sqlite;

/// <summary>SQLite result codes as our exceptions.</summary>
internal static class SqliteErrors
{
    /// <summary>Whether the failure concerns the whole connection, so that no member of a group can go on.</summary>
    public static bool IsFatal(int code) => (code & 0xFF) is
        Native.Full or Native.IoError or Native.Corrupt or Native.NoMemory or Native.NotADatabase or Native.CannotOpen
        or Native.ReadOnly;

    public static SqlException Create(int code, string message) => (code & 0xFF) switch
    {
        Native.Constraint => new SqlConstraintException(message),
        Native.Full => new SqlFullException($"The database's disk is full: {message}."),
        Native.Busy => new SqlUnavailableException($"The database is busy: {message}."),
        Native.IoError or Native.CannotOpen or Native.ReadOnly =>
            new SqlUnavailableException($"The database file cannot be used ({message}, SQLite code {code})."),
        Native.Corrupt or Native.NotADatabase =>
            new SqlUnavailableException($"The database file is damaged ({message}, SQLite code {code})."),
        _ => new SqlException($"{message} (SQLite code {code})"),
    };
}
