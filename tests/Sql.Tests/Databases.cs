using System.Reflection;
using Vault.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Vault.Sql.Tests.Databases))]

namespace Vault.Sql.Tests;

/// <summary>Empty databases of both kinds; the PostgreSQL server starts with the first that needs it.</summary>
public sealed class Databases : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> server = new(() => PostgresServer.StartAsync());
    private readonly string directory = Directory.CreateTempSubdirectory("vault-sql-").FullName;
    private int files;

    public Task<PostgresServer> Postgres => server.Value;

    public string NewSqlitePath() => Path.Combine(directory, $"{Interlocked.Increment(ref files)}", "vault.db");

    public async Task<Database> OpenAsync(SqlKind kind)
    {
        var database = await OpenEmptyAsync(kind);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        return database;
    }

    public async Task<Database> OpenEmptyAsync(SqlKind kind) => kind == SqlKind.Sqlite
        ? await Database.OpenSqliteAsync(new() { Path = NewSqlitePath() }, TimeProvider.System)
        : await Database.OpenPostgresAsync(
            new() { ConnectionString = await (await Postgres).CreateDatabaseAsync() }, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated)
        {
            await (await Postgres).DisposeAsync();
        }

        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>Runs a theory on each kind of database.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnBothAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker)
        => new([new TheoryDataRow<SqlKind>(SqlKind.Sqlite), new TheoryDataRow<SqlKind>(SqlKind.Postgres)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
