using System.Data;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vault.Sql.Migrations;

namespace Vault.Sql.Postgres;

/// <summary>PostgreSQL through a pool; every transaction is one batch, so one round trip and one server commit.
/// </summary>
internal sealed partial class PostgresBackend : ISqlBackend
{
    private const int MinimumVersion = 150000;
    private const int ReadsPerBatch = 256;

    /// <summary>Of a connection string that does not name it.</summary>
    private static readonly int DefaultPoolSize = new NpgsqlConnectionStringBuilder().MaxPoolSize;

    private readonly NpgsqlDataSource source;
    private readonly PostgresTexts texts = new();
    private readonly PostgresOptions options;

    private PostgresBackend(PostgresOptions options, NpgsqlDataSource source)
        => (this.options, this.source) = (options, source);

    public SqlKind Kind => SqlKind.Postgres;

    private int AnswerSeconds => Math.Max(1, (int)options.AnswerTimeout.TotalSeconds);

    public static async Task<PostgresBackend> OpenAsync(
        PostgresOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var backend = new PostgresBackend(options, Source(options, loggers));
        try
        {
            await backend.CheckServerAsync(loggers.CreateLogger("Vault.Sql"), ct).ConfigureAwait(false);
            return backend;
        }
        catch
        {
            await backend.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<List<TRow>> QueryAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct).ConfigureAwait(false);
        var text = texts.Plain(query);
        var parameters = new PostgresParameters();
        await using var command = new NpgsqlCommand(text.Text, connection) { CommandTimeout = AnswerSeconds };
        parameters.Begin(text);
        query.Bind(parameters, args);
        parameters.MoveTo(command.Parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
            var rows = new List<TRow>();
            var row = new PostgresRow(reader);
            while (await reader.ReadAsync(ct).ConfigureAwait(false))
            {
                rows.Add(query.Read(row));
            }

            return rows;
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Reading(e);
        }
    }

    public async Task<TRow?[]> QueryEachAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct)
        where TRow : class
    {
        await using var connection = await ConnectAsync(ct).ConfigureAwait(false);
        var rows = new TRow?[args.Count];
        for (var from = 0; from < rows.Length; from += ReadsPerBatch)
        {
            var count = Math.Min(ReadsPerBatch, rows.Length - from);
            await ReadEachAsync(connection, query, args, from, rows.AsMemory(from, count), ct).ConfigureAwait(false);
        }

        return rows;
    }

    public async ValueTask CommitAsync(SqlTransaction transaction, CancellationToken ct)
    {
        if (transaction.Decision is { } decision)
        {
            await decision.RunAsync(this).ConfigureAwait(false);
            if (transaction.Steps.Count == 0)
            {
                return;
            }
        }

        await using var connection = await ConnectAsync(ct).ConfigureAwait(false);
        await using var batch = new PostgresCommit(texts, transaction, connection, AnswerSeconds);
        await batch.PrepareAsync(ct).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        await batch.SendAsync().ConfigureAwait(false);
        transaction.Publish();
    }

    public Task MigrateAsync(IReadOnlyList<MigrationModule> modules, CancellationToken ct)
        => PostgresMigrations.ApplyAsync(options.ConnectionString, modules, ct);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private static NpgsqlDataSource Source(PostgresOptions options, ILoggerFactory loggers)
    {
        var milliseconds = ((int)options.StatementTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = "vault",
            Timeout = Math.Max(1, (int)options.ConnectTimeout.TotalSeconds),
            // After a command's time-out the connection is given up at once: its outcome is unknown anyway.
            CancellationTimeout = -1,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            // So that a failed check can be named.
            IncludeFailedBatchedCommand = true,
        };
        if (settings.MaxPoolSize == DefaultPoolSize)
            settings.MaxPoolSize = Math.Clamp(options.ConnectionsPerCore * Environment.ProcessorCount, 6, 32);
        settings.Options = $"{settings.Options} -c statement_timeout={milliseconds} -c lock_timeout={milliseconds} " +
            $"-c idle_in_transaction_session_timeout={milliseconds}";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build();
    }

    private async Task ReadEachAsync<TArgs, TRow>(
        NpgsqlConnection connection, SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, int from,
        Memory<TRow?> rows, CancellationToken ct)
        where TRow : class
    {
        var text = texts.Plain(query);
        var parameters = new PostgresParameters();
        await using var batch = new NpgsqlBatch(connection) { Timeout = AnswerSeconds };
        for (var i = 0; i < rows.Length; i++)
        {
            var command = new NpgsqlBatchCommand(text.Text);
            parameters.Begin(text);
            query.Bind(parameters, args[from + i]);
            parameters.MoveTo(command.Parameters);
            batch.BatchCommands.Add(command);
        }

        try
        {
            await using var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            var row = new PostgresRow(reader);
            for (var i = 0; i < rows.Length; i++)
            {
                var value = await reader.ReadAsync(ct).ConfigureAwait(false) ? query.Read(row) : null;
                rows.Span[i] = value;
                await reader.NextResultAsync(ct).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Reading(e);
        }
    }

    private async ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw PostgresErrors.Connecting(e);
        }
        catch (ObjectDisposedException e)
        {
            throw new SqlUnavailableException("The database is closed.", e);
        }
    }

    private async Task CheckServerAsync(ILogger logger, CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select current_setting('server_version_num')::int, current_setting('server_encoding'), " +
            "current_setting('synchronous_commit'), current_setting('fsync')", connection);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, ct)
                .ConfigureAwait(false);
            await reader.ReadAsync(ct).ConfigureAwait(false);
            if (reader.GetInt32(0) < MinimumVersion)
            {
                throw new SqlUnavailableException(
                    $"PostgreSQL 15 or newer is needed; the server is {connection.ServerVersion}.");
            }

            if (reader.GetString(1) != "UTF8")
            {
                throw new SqlUnavailableException(
                    $"The database's encoding must be UTF8, not {reader.GetString(1)}: create it again with that.");
            }

            if (reader.GetString(2) == "off" || reader.GetString(3) == "off")
            {
                LogNotDurable(logger, reader.GetString(2), reader.GetString(3));
            }
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Reading(e);
        }
    }

    [LoggerMessage(EventId = 7004, Level = LogLevel.Warning,
        Message = "PostgreSQL loses acknowledged writes in a crash: synchronous_commit={SynchronousCommit}, "
            + "fsync={Fsync}")]
    private static partial void LogNotDurable(ILogger logger, string synchronousCommit, string fsync);
}
