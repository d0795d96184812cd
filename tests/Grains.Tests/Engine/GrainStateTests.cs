using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Vault.Sql;
using Vault.Sql.Orleans;
using Vault.Sql.Orleans.Storage;

namespace Vault.Grains.Tests.Engine;

/// <summary>
/// Two activations of a grain with <c>IPersistentState</c>: the one whose version is not the stored one writes nothing
/// and goes; so decisions §1.3 asks no fence of it.
/// </summary>
public sealed class GrainStateTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task A_version_conflict_ends_the_activation_and_its_successor_reads_anew(SqlKind kind)
    {
        var time = new ShiftedTime();
        var options = kind == SqlKind.Postgres
            ? new PostgresOptions { ConnectionString = await (await databases.Postgres).CreateDatabaseAsync() }
            : null;
        await using var database = await databases.OpenAsync(kind, options, time);
        await database.MigrateAsync([GrainServices.Migrations, SqlOrleansServices.Migrations]);
        await using var volume = await databases.NewVolumeAsync(time);
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        var (one, two) = (Grain(first), Grain(second));

        var before = await one.AddAsync();
        Assert.Equal(1, before.Count);
        Assert.Equal(2, (await two.AddAsync()).Count);
        await Assert.ThrowsAnyAsync<InconsistentStateException>(one.AddAsync);
        var after = await one.AddAsync();
        Assert.Equal(3, after.Count);
        Assert.NotEqual(before.Activation, after.Activation);
        await Assert.ThrowsAnyAsync<InconsistentStateException>(two.AddAsync);
        Assert.Equal(4, (await two.AddAsync()).Count);

        static ICounterGrain Grain(Cluster cluster) => cluster.Grains.GetGrain<ICounterGrain>("counter");

        Task<Cluster> StartAsync(string clusterId) => Cluster.StartAsync(
            database, volume, time, clusterId, [], static services => services
                .AddSingleton<IJsonTypeInfoResolver>(CounterContext.Default),
            silo => Keep(silo, options?.ConnectionString));
    }

    /// <summary>As the program does it.</summary>
    private static void Keep(ISiloBuilder silo, string? connectionString)
    {
        if (connectionString is null)
        {
            silo.Services.AddSqlGrainStorage();
            return;
        }

        silo.Services.AddSingleton<VersionedJsonSerializer>();
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<VersionedJsonSerializer>(
            (settings, serializer) =>
            {
                (settings.Invariant, settings.ConnectionString) = ("Npgsql", connectionString);
                settings.GrainStorageSerializer = serializer;
            }));
    }
}
