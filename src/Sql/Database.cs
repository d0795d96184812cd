using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Sql.Migrations;
using Vault.Sql.Postgres;
using Vault.Sql.Sqlite;

namespace Vault.Sql;

/// <summary>
/// The metadata database, SQLite or PostgreSQL, behind one API. Reads see everything acknowledged before they began;
/// changes go through <see cref="Begin"/> and are durable when acknowledged. Safe for concurrent use.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly ISqlBackend backend;

    private Database(ISqlBackend backend) => this.backend = backend;

    /// <summary>Which database this is, for messages and health; SQL texts never depend on it.</summary>
    public SqlKind Kind => backend.Kind;

    /// <summary>Opens, or creates, the embedded database and takes its lock.</summary>
    /// <exception cref="SqlUnavailableException">Another process has it open, or the file cannot be used.</exception>
    public static async Task<Database> OpenSqliteAsync(
        SqliteOptions options, TimeProvider time, ILoggerFactory? loggers = null, CancellationToken ct = default)
        => new(await Task.Run(() => SqliteBackend.Open(options, time, loggers ?? NullLoggerFactory.Instance), ct)
            .ConfigureAwait(false));

    /// <summary>Connects to PostgreSQL and checks that it answers.</summary>
    /// <exception cref="SqlUnavailableException">The server cannot be reached or refuses.</exception>
    public static async Task<Database> OpenPostgresAsync(
        PostgresOptions options, TimeProvider time, ILoggerFactory? loggers = null, CancellationToken ct = default)
        => new(await PostgresBackend.OpenAsync(options, loggers ?? NullLoggerFactory.Instance, ct)
            .ConfigureAwait(false));

    /// <summary>
    /// Brings the schema up to date: applies, in order and under a lock, each module's embedded
    /// <c>Migrations/NNNN-name.sql</c> that the database has not seen. <c>NNNN-name.postgres.sql</c> and
    /// <c>NNNN-name.sqlite.sql</c> are recorded everywhere and run on that kind only.
    /// </summary>
    /// <exception cref="SqlMigrationException">
    /// An applied migration was changed, is missing, or is newer than this program; nothing was applied after it.
    /// </exception>
    public Task MigrateAsync(IEnumerable<Assembly> modules, CancellationToken ct = default)
        => backend.MigrateAsync([.. modules.Select(MigrationModule.Load)], ct);

    internal Task MigrateAsync(IReadOnlyList<MigrationModule> modules, CancellationToken ct = default)
        => backend.MigrateAsync(modules, ct);

    /// <summary>Runs one read-only query.</summary>
    /// <exception cref="SqlException">It failed.</exception>
    public Task<List<TRow>> QueryAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct = default)
        => backend.QueryAsync(query, args, ct);

    /// <summary>
    /// Runs one read-only query for each of many arguments in one round trip.
    /// </summary>
    /// <returns>For each argument, in order, the first row or null.</returns>
    /// <exception cref="SqlException">One of them failed.</exception>
    public Task<TRow?[]> QueryEachAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct = default)
        where TRow : class
        => args.Count == 0 ? Task.FromResult<TRow?[]>([]) : backend.QueryEachAsync(query, args, ct);

    /// <summary>Begins collecting the statements of one transaction.</summary>
    /// <param name="mayUseReserve">
    /// The transaction frees space (a delete): it may go on when only the reserve is left.
    /// </param>
    public SqlTransaction Begin(bool mayUseReserve = false) => new(backend, mayUseReserve);

    /// <summary>Finishes what was sent, then closes; callers still waiting are told that it is unavailable.</summary>
    public ValueTask DisposeAsync() => backend.DisposeAsync();
}
