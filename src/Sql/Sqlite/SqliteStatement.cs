using SQLitePCL;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>A prepared statement with its parameters and current row.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteParameters parameters;
    private readonly sqlite3_stmt handle;

    public SqliteStatement(SqliteConnection connection, sqlite3_stmt handle)
    {
        this.connection = connection;
        this.handle = handle;
        IsReadOnly = sqlite3_stmt_readonly(handle) != 0;
        parameters = new SqliteParameters(handle, connection);
        Row = new SqliteRow(handle);
    }

    public bool IsReadOnly { get; }

    public SqliteRow Row { get; }

    /// <summary>The parameters, cleared, for a binder; then <see cref="EndBind"/>.</summary>
    public SqliteParameters BeginBind()
    {
        parameters.Begin();
        return parameters;
    }

    public void EndBind() => parameters.End();

    /// <summary>Steps once.</summary>
    /// <returns><see cref="SQLITE_ROW"/>, <see cref="SQLITE_DONE"/> or an error code.</returns>
    public int Step() => sqlite3_step(handle);

    /// <summary>Steps to the next row.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        var code = sqlite3_step(handle);
        return code == SQLITE_ROW
            || (code == SQLITE_DONE ? false : throw connection.Failure(code));
    }

    public void Reset() => _ = sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();
}
