using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Sql;
using Vault.Storage.Volumes;
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

    public async Task<Database> OpenAsync(
        SqlKind kind, PostgresOptions? postgres = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var database = kind == SqlKind.Sqlite
            ? await Database.OpenSqliteAsync(
                new() { Path = Path.Combine(NewDirectory(), "vault.db"), ReserveBytes = 0 }, time)
            : await Database.OpenPostgresAsync(
                postgres ?? new() { ConnectionString = await (await Postgres).CreateDatabaseAsync() }, time);
        await database.MigrateAsync([GrainServices.Migrations]);
        return database;
    }

    public async Task<Volume> NewVolumeAsync(TimeProvider time) => await Volume.OpenAsync(
        new()
        {
            Path = Path.Combine(NewDirectory(), "volume"), LogBytes = 4 << 20, DatabaseReserveBytes = 0,
        },
        null, time, NullLoggerFactory.Instance);

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
