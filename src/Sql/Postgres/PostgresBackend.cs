using Microsoft.Extensions.Logging;
using Vault.Sql.Migrations;

namespace Vault.Sql.Postgres;

internal sealed class PostgresBackend : ISqlBackend
{
    public SqlKind Kind => SqlKind.Postgres;

    public static Task<PostgresBackend> OpenAsync(PostgresOptions options, ILoggerFactory loggers, CancellationToken ct)
        => throw new SqlUnavailableException("PostgreSQL comes with the next change.");

    public Task<List<TRow>> QueryAsync<TArgs, TRow>(SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct)
        => throw new NotSupportedException();

    public Task<TRow?[]> QueryEachAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct)
        where TRow : class
        => throw new NotSupportedException();

    public ValueTask CommitAsync(SqlTransaction transaction, CancellationToken ct) => throw new NotSupportedException();

    public Task MigrateAsync(IReadOnlyList<MigrationModule> modules, CancellationToken ct)
        => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
