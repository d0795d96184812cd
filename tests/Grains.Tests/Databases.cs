using System.Reflection;
using Vault.Sql;
using Vault.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Vault.Grains.Tests.Databases))]

namespace Vault.Grains.Tests;

/// <summary>Migrated databases of both kinds; the PostgreSQL server starts with the first that needs it.</summary>
public sealed class Databases : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-grains-").FullName;
    private int _files;

    public Task<PostgresServer> Postgres => _server.Value;

    public string NewDirectory() => Path.Combine(_directory, $"{Interlocked.Increment(ref _files)}");

    public async Task<Database> OpenAsync(SqlKind kind)
    {
        var database = kind == SqlKind.Sqlite
            ? await Database.OpenSqliteAsync(
                new() { Path = Path.Combine(NewDirectory(), "vault.db"), ReserveBytes = 0 }, TimeProvider.System)
            : await Database.OpenPostgresAsync(
                new() { ConnectionString = await (await Postgres).CreateDatabaseAsync() }, TimeProvider.System);
        await database.MigrateAsync([GrainServices.Migrations]);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await Postgres).DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
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
