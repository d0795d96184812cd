using System.Runtime.InteropServices;
using System.Text;
using Vault.Sql.Dialects;

namespace Vault.Sql.Sqlite;

/// <summary>One connection and its prepared statements; used by one thread at a time.</summary>
internal sealed unsafe class SqliteConnection : IRowReader, IDisposable
{
    private readonly SqliteDialect dialect = new();
    private readonly Dictionary<SqlDefinition, SqliteStatement> statements = new(ReferenceEqualityComparer.Instance);
    private nint handle;

    public SqliteConnection(string path, bool readOnly, TimeProvider time, string? layer = null)
    {
        Time = time;
        var flags = Native.OpenNoMutex | (readOnly ? Native.OpenReadOnly : Native.OpenReadWrite | Native.OpenCreate);
        var code = Native.Open(path, out handle, flags, layer);
        if (code != Native.Ok)
        {
            var error = SqliteErrors.Create(code, handle == 0 ? "out of memory" : Message);
            Dispose();
            throw error;
        }

        _ = Native.ExtendedResultCodes(handle, 1);
        _ = Native.BusyTimeout(handle, 2000);
    }

    public nint Handle => handle;

    public TimeProvider Time { get; }

    public bool InTransaction => Native.GetAutoCommit(handle) == 0;

    public string Message => Marshal.PtrToStringUTF8(Native.ErrorMessage(handle)) ?? "unknown error";

    public SqlException Failure(int code) => SqliteErrors.Create(code, Message);

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
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            var code = Native.Prepare(
                handle, start, bytes.Length, Native.PreparePersistent, out var statement, out var tail);
            if (code != Native.Ok)
            {
                throw Failure(code);
            }

            if (bytes.AsSpan((int)(tail - start)).ContainsAnyExcept(" \t\r\n;"u8))
            {
                _ = Native.FinalizeStatement(statement);
                throw new SqlException($"A definition holds one statement: {text}");
            }

            return new SqliteStatement(this, statement);
        }
    }

    /// <summary>Runs a script of many statements, in the dialect already.</summary>
    public void Run(string script)
    {
        var bytes = Encoding.UTF8.GetBytes(script);
        fixed (byte* start = bytes)
        {
            var next = start;
            var end = start + bytes.Length;
            while (next < end)
            {
                var code = Native.Prepare(handle, next, (int)(end - next), 0, out var statement, out next);
                if (code == Native.Ok && statement != 0)
                {
                    while ((code = Native.Step(statement)) == Native.Row)
                    {
                    }

                    var error = code == Native.Done ? null : Failure(code);
                    _ = Native.FinalizeStatement(statement);
                    if (error is not null)
                    {
                        throw error;
                    }
                }
                else if (code != Native.Ok)
                {
                    throw Failure(code);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
        if (handle != 0)
        {
            _ = Native.Close(handle);
            handle = 0;
        }
    }
}
