using System.Globalization;
using Microsoft.Extensions.Logging;
using SQLitePCL;
using Vault.Sql.Migrations;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>The embedded database: one writer, a few readers, a checkpointer, and the lock that keeps others out.
/// </summary>
internal sealed class SqliteBackend : ISqlBackend
{
    // The library of the package, once for the process, before its first connection.
    private static readonly int Configured = Configure();

    private readonly DirectoryLock fileLock;
    private readonly SqliteConnection writing;
    private readonly WriterQueue queue;
    private readonly SqliteCheckpointer checkpointer;
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private int disposed;

    private SqliteBackend(
        SqliteOptions options, DirectoryLock fileLock, SqliteConnection writing, TimeProvider time, ILogger logger)
    {
        this.fileLock = fileLock;
        this.writing = writing;
        queue = new WriterQueue(options.QueuedTransactions, options.StatementsPerCommit);
        checkpointer = new SqliteCheckpointer(
            OpenCheckpointing(options, time), options, PageBytes(writing), logger);
        writer = new SqliteWriter(
            writing, queue, checkpointer,
            new DiskReserve(Path.GetDirectoryName(Path.GetFullPath(options.Path))!, options.ReserveBytes), logger);
        readers = new SqliteReaders(() => OpenReading(options, time), options.Readers);
    }

    public SqlKind Kind => SqlKind.Sqlite;

    public static SqliteBackend Open(SqliteOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var path = Path.GetFullPath(options.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _ = Configured;
        var fileLock = DirectoryLock.Take(path);
        try
        {
            return new(options, fileLock, OpenWriting(options, time), time, loggers.CreateLogger("Vault.Sql"));
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    public async Task<List<TRow>> QueryAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct)
    {
        var connection = await readers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            var rows = new List<TRow>();
            var statement = connection.ReadingStatement(query);
            try
            {
                query.Bind(statement.BeginBind(), args);
                statement.EndBind();
                while (statement.Next())
                {
                    rows.Add(query.Read(statement.Row));
                }
            }
            finally
            {
                statement.Reset();
            }

            return rows;
        }
        finally
        {
            readers.Return(connection);
        }
    }

    public async Task<TRow?[]> QueryEachAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct)
        where TRow : class
    {
        var connection = await readers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            using var snapshot = new ReadTransaction(connection, worthwhile: args.Count > 1);
            return connection.ReadEach(query, args);
        }
        finally
        {
            readers.Return(connection);
        }
    }

    public ValueTask CommitAsync(SqlTransaction transaction, CancellationToken ct)
        => ct.IsCancellationRequested
            ? ValueTask.FromCanceled(ct)
            : queue.EnqueueAsync(new PendingCommit(transaction), ct);

    public Task MigrateAsync(IReadOnlyList<MigrationModule> modules, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Enqueue(connection =>
        {
            try
            {
                SqliteMigrations.Apply(connection, modules);
                done.SetResult();
            }
#pragma warning disable CA1031 // the caller gets whatever went wrong; the writer goes on
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            writer.Stop();
            readers.Dispose();
            checkpointer.Dispose();
            writing.Dispose();
            fileLock.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static int Configure()
    {
        Batteries_V2.Init();
        // Statistics of its allocator take a process-wide mutex on each allocation; nobody reads them.
        return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private static SqliteConnection OpenWriting(SqliteOptions options, TimeProvider time)
    {
        var connection = new SqliteConnection(options.Path, readOnly: false, time, LogWriteCombiner.Layer);
        connection.Run(string.Create(CultureInfo.InvariantCulture, $"""
            pragma page_size = {options.PageBytes};
            pragma auto_vacuum = none;
            pragma journal_mode = wal;
            pragma synchronous = full;
            pragma wal_autocheckpoint = 0;
            pragma secure_delete = off;
            pragma foreign_keys = on;
            pragma temp_store = memory;
            pragma cache_size = -{options.WriterCacheBytes >> 10};
            """));
        _ = sqlite3_busy_timeout(connection.Handle, 50);
        return connection;
    }

    private static SqliteConnection OpenCheckpointing(SqliteOptions options, TimeProvider time)
    {
        var connection = new SqliteConnection(options.Path, readOnly: false, time);
        connection.Run("pragma synchronous = full; pragma wal_autocheckpoint = 0;");
        return connection;
    }

    // Nothing maps the file: every commit would make each reader drop its mapping and fault it in again.
    private static SqliteConnection OpenReading(SqliteOptions options, TimeProvider time)
    {
        var connection = new SqliteConnection(options.Path, readOnly: true, time);
        connection.Run("pragma temp_store = memory;");
        return connection;
    }

    private static int PageBytes(SqliteConnection connection)
    {
        using var statement = connection.Prepare("pragma page_size");
        return statement.Next() ? (int)statement.Row.Bigint(0) : throw new SqlException("The page size is unknown.");
    }
}
