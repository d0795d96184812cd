using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>One snapshot around many reads, so that its locks are taken once.</summary>
internal readonly struct ReadTransaction : IDisposable
{
    private static readonly SqlStatement<bool> Begin = new("begin", static (_, _) => { });
    private static readonly SqlStatement<bool> End = new("commit", static (_, _) => { });

    private readonly SqliteConnection? connection;

    public ReadTransaction(SqliteConnection connection, bool worthwhile)
    {
        if (worthwhile)
        {
            Run(connection.Statement(Begin), connection);
            this.connection = connection;
        }
    }

    public void Dispose()
    {
        if (connection is not null)
        {
            Run(connection.Statement(End), connection);
        }
    }

    private static void Run(SqliteStatement statement, SqliteConnection connection)
    {
        var code = statement.Step();
        statement.Reset();
        if (code != SQLITE_DONE)
        {
            throw connection.Failure(code);
        }
    }
}
