using SQLitePCL;
using Vault.Sql.Dialects;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>One connection and its prepared statements; used by one thread at a time.</summary>
internal sealed class SqliteConnection : IRowReader, IDisposable
{
    private readonly SqliteDialect dialect = new();
    private readonly Dictionary<SqlDefinition, SqliteStatement> statements = new(ReferenceEqualityComparer.Instance);
    private readonly sqlite3 handle;

    public SqliteConnection(string path, bool readOnly, TimeProvider time, string? layer = null)
    {
        Time = time;
        var flags = SQLITE_OPEN_NOMUTEX
            | (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        var code = sqlite3_open_v2(path, out handle, flags, layer);
        if (code != SQLITE_OK)
        {
            var error = Failure(code);
            Dispose();
            throw error;
        }

        _ = sqlite3_extended_result_codes(handle, 1);
        _ = sqlite3_busy_timeout(handle, 2000);
    }

    public sqlite3 Handle => handle;

    public TimeProvider Time { get; }

    public bool InTransaction => sqlite3_get_autocommit(handle) == 0;

    public SqlException Failure(int code)
        => SqliteErrors.Create(code, sqlite3_errmsg(handle).utf8_to_string() ?? "unknown error");

    /// <summary>The prepared form of a definition, made at first use.</summary>
    public SqliteStatement Statement(SqlDefinition definition)
    {
        if (!statements.TryGetValue(definition, out var statement))
        {
            statement = Prepare(dialect.Translate(definition.Text));
            statements.Add(definition, statement);
        }

        return statement;
    }

    /// <summary>The prepared form of a definition that only reads.</summary>
    public SqliteStatement ReadingStatement(SqlDefinition definition)
    {
        var statement = Statement(definition);
        return statement.IsReadOnly
            ? statement
            : throw new SqlException($"A query outside a transaction only reads: {definition.Text}");
    }

    /// <summary>The first row, or null, for each argument.</summary>
    public TRow?[] ReadEach<TArgs, TRow>(SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args)
        where TRow : class
    {
        var rows = new TRow?[args.Count];
        var statement = ReadingStatement(query);
        for (var i = 0; i < rows.Length; i++)
        {
            try
            {
                query.Bind(statement.BeginBind(), args[i]);
                statement.EndBind();
                rows[i] = statement.Next() ? query.Read(statement.Row) : null;
            }
            finally
            {
                statement.Reset();
            }
        }

        return rows;
    }

    public SqliteStatement Prepare(string text)
    {
        var code = sqlite3_prepare_v3(
            handle, text, SQLITE_PREPARE_PERSISTENT, out var statement, out string tail);
        if (code != SQLITE_OK)
        {
            throw Failure(code);
        }

        if (tail.AsSpan().ContainsAnyExcept(" \t\r\n;"))
        {
            statement.Dispose();
            throw new SqlException($"A definition holds one statement: {text}");
        }

        return new SqliteStatement(this, statement);
    }

    /// <summary>Runs a script of many statements, in the dialect already.</summary>
    public void Run(string script)
    {
        var code = sqlite3_exec(handle, script);
        if (code != SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
        handle.Dispose();
    }
}
