using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;
using Orleans.Serialization;
using Orleans.Storage;
using Vault.Sql.Orleans.Storage;
using Vault.Sql.Tests;

namespace Vault.Sql.Orleans.Tests;

/// <summary>
/// A migrated database and what keeps Orleans' things in it: our classes on SQLite, Orleans' own providers on
/// PostgreSQL, made by dependency injection as a silo makes them.
/// </summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly string? connectionString;
    private readonly List<ServiceProvider> providers = [];

    private Stores(Database database, string? connectionString)
        => (Database, this.connectionString) = (database, connectionString);

    public Database Database { get; }

    /// <summary>Another port for what is made from now on, of a proxy.</summary>
    public int? Port { get; set; }

    public string ConnectionString => Port is { } port
        ? new NpgsqlConnectionStringBuilder(connectionString) { Port = port }.ConnectionString
        : connectionString!;

    public static async Task<Stores> OpenEmptyAsync(Databases databases, SqlKind kind)
    {
        if (kind == SqlKind.Sqlite)
        {
            return new(await databases.OpenEmptyAsync(kind), null);
        }

        var connectionString = await (await databases.Postgres).CreateDatabaseAsync();
        var database = await Database.OpenPostgresAsync(
            new() { ConnectionString = connectionString }, TimeProvider.System);
        return new(database, connectionString);
    }

    public static async Task<Stores> OpenAsync(Databases databases, SqlKind kind = SqlKind.Postgres)
    {
        var stores = await OpenEmptyAsync(databases, kind);
        await stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        return stores;
    }

    public async Task<IMembershipTable> MembershipAsync(string cluster = "cluster", bool initialise = true)
    {
        var services = Services();
        services.Configure<ClusterOptions>(o => o.ClusterId = cluster)
            .Configure<AdoNetClusteringSiloOptions>(
                o => (o.Invariant, o.ConnectionString) = ("Npgsql", ConnectionString))
            .AddSingleton<IMembershipTable, AdoNetClusteringTable>();
        var table = Build(services).GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(initialise);
        return table;
    }

    public async Task<IGatewayListProvider> GatewaysAsync(string cluster = "cluster")
    {
        var services = Services();
        services.Configure<ClusterOptions>(o => o.ClusterId = cluster)
            .Configure<AdoNetClusteringClientOptions>(
                o => (o.Invariant, o.ConnectionString) = ("Npgsql", ConnectionString))
            .AddSingleton<IGatewayListProvider, AdoNetGatewayListProvider>();
        var gateways = Build(services).GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProvider();
        return gateways;
    }

    public Task<IGrainStorage> StorageAsync(params GrainStateShape[] shapes) => StorageAsync("service", true, shapes);

    public async Task<IGrainStorage> StorageAsync(
        string service, bool deleteOnClear = true, params GrainStateShape[] shapes)
    {
        var services = Services();
        services.AddSingleton<IJsonTypeInfoResolver>(StateContext.Default);
        foreach (var shape in shapes)
        {
            services.AddSingleton(shape);
        }

        if (Database.Kind == SqlKind.Sqlite)
        {
            services.AddSingleton(Database).AddSqlGrainStorage();
            return Build(services).GetRequiredKeyedService<IGrainStorage>("Default");
        }

        services.AddSerializer();
        services.AddSingleton<IGrainStorageSerializer, VersionedJsonSerializer>()
            .Configure<ClusterOptions>(o => o.ServiceId = service)
            .AddAdoNetGrainStorage("Default", o =>
            {
                (o.Invariant, o.ConnectionString) = ("Npgsql", ConnectionString);
                o.DeleteStateOnClear = deleteOnClear;
            })
            .AddSingleton<SiloLifecycleSubject>();
        var provider = Build(services);
        var storage = (AdoNetGrainStorage)provider.GetRequiredKeyedService<IGrainStorage>("Default");
        var lifecycle = provider.GetRequiredService<SiloLifecycleSubject>();
        storage.Participate(lifecycle);
        await lifecycle.OnStart();
        return storage;
    }

    public async Task<IReminderTable> RemindersAsync(string service = SqlOrleansServices.ServiceId)
    {
        var services = Services();
        if (Database.Kind == SqlKind.Sqlite)
        {
            services.AddSingleton(Database).AddSqlReminderTable();
        }
        else
        {
            services.Configure<ClusterOptions>(o => o.ServiceId = service).UseAdoNetReminderService(
                options => options.Configure(o => (o.Invariant, o.ConnectionString) = ("Npgsql", ConnectionString)));
        }

        var table = Build(services).GetRequiredService<IReminderTable>();
        await table.StartAsync();
        return table;
    }

    /// <summary>Runs a statement as the superuser that the tests are.</summary>
    /// <returns>Its first column.</returns>
    public async Task<List<T>> RunAsync<T>(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetFieldValue<T>(0));
        }

        return rows;
    }

    /// <summary>A stored query's text.</summary>
    public async Task<string> QueryTextAsync(string key)
        => (await RunAsync<string>("select QueryText from OrleansQuery where QueryKey = @key", ("key", key))).Single();

    /// <summary>
    /// Waits until a session of this database is as the condition on <c>pg_stat_activity</c> says, which the work
    /// brings about.
    /// </summary>
    public async Task WaitForSessionAsync(string condition, Task work)
    {
        while ((await RunAsync<int>(
            $"select 1 from pg_stat_activity where datname = current_database() and {condition}")).Count == 0)
        {
            Assert.False(work.IsCompleted, $"It ended without having been {condition}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in providers)
        {
            await provider.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    private static ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddOptions();
        return services;
    }

    private ServiceProvider Build(IServiceCollection services)
    {
        var provider = services.BuildServiceProvider();
        providers.Add(provider);
        return provider;
    }
}

internal sealed class CounterState
{
    public int Count { get; set; }

    public string? Name { get; set; }
}

[JsonSerializable(typeof(CounterState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class StateContext : JsonSerializerContext;
