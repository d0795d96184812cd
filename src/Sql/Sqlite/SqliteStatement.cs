namespace Vault.Sql.Sqlite;

/// <summary>A prepared statement with its parameters and current row.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteParameters parameters;
    private nint handle;

    public SqliteStatement(SqliteConnection connection, nint handle)
    {
        this.connection = connection;
        this.handle = handle;
        IsReadOnly = Native.IsReadOnly(handle) != 0;
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
    /// <returns><see cref="Native.Row"/>, <see cref="Native.Done"/> or an error code.</returns>
    public int Step() => Native.Step(handle);

    /// <summary>Steps to the next row.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        var code = Native.Step(handle);
        return code == Native.Row
            || (code == Native.Done ? false : throw connection.Failure(code));
    }

    public void Reset() => _ = Native.Reset(handle);

    public void Dispose()
    {
        if (handle != 0)
        {
            _ = Native.FinalizeStatement(handle);
            handle = 0;
        }
    }
}
