using Vault.Sql.Migrations;

namespace Vault.Sql;

/// <summary>What a database kind provides; implemented by SQLite and PostgreSQL.</summary>
internal interface ISqlBackend : IAsyncDisposable
{
    SqlKind Kind { get; }

    Task<List<TRow>> QueryAsync<TArgs, TRow>(SqlQuery<TArgs, TRow> query, TArgs args, CancellationToken ct);

    Task<TRow?[]> QueryEachAsync<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, CancellationToken ct)
        where TRow : class;

    ValueTask CommitAsync(SqlTransaction transaction, CancellationToken ct);

    Task MigrateAsync(IReadOnlyList<MigrationModule> modules, CancellationToken ct);
}
