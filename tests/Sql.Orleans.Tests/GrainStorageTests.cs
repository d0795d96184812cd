using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Storage;
using Vault.Sql.Orleans.Storage;
using Vault.Sql;
using Vault.Testing;
using Vault.Sql.Tests;

namespace Vault.Sql.Orleans.Tests;

public sealed class GrainStorageTests(Databases databases)
{
    private static readonly GrainId Counter = GrainId.Create("counter", "a/b ünï");

    [Theory, OnBoth]
    public async Task State_that_was_never_written_is_fresh(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var state = new GrainState<CounterState>();
        await Storage(database).ReadStateAsync("state", Counter, state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(0, state.State?.Count);
    }

    [Theory, OnBoth]
    public async Task Written_state_is_read_back_by_another(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var storage = Storage(database);
        var written = new GrainState<CounterState>(new() { Count = 7, Name = "ünï \"quoted\"" });
        await storage.WriteStateAsync("state", Counter, written);
        Assert.True(written.RecordExists);
        Assert.NotNull(written.ETag);

        var read = await ReadAsync(storage, Counter);
        Assert.True(read.RecordExists);
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equivalent(written.State, read.State, strict: true);
        Assert.False((await ReadAsync(storage, GrainId.Create("counter", "a/b"))).RecordExists);
        Assert.False((await ReadAsync(storage, Counter, "other")).RecordExists);
    }

    [Theory, OnBoth]
    public async Task Write_over_another_version_is_refused_and_changes_nothing(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var storage = Storage(database);
        await storage.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 1 }));
        var first = await ReadAsync(storage, Counter);
        var second = await ReadAsync(storage, Counter);
        first.State!.Count = 2;
        await storage.WriteStateAsync("state", Counter, first);
        Assert.NotEqual(second.ETag, first.ETag);

        second.State!.Count = 99;
        var before = second.ETag;
        var refusal = await Assert.ThrowsAsync<InconsistentStateException>(
            () => storage.WriteStateAsync("state", Counter, second));
        Assert.Equal(before, refusal.CurrentEtag);
        Assert.Equal(before, second.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Counter, second));
        Assert.Equal(2, (await ReadAsync(storage, Counter)).State?.Count);
    }

    [Theory, OnBoth]
    public async Task First_write_over_an_existing_state_is_refused(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var storage = Storage(database);
        await storage.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 1 }));
        var late = new GrainState<CounterState>(new() { Count = 2 });
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Counter, late));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Counter, late));
        Assert.Equal(1, (await ReadAsync(storage, Counter)).State?.Count);
    }

    [Theory, OnBoth]
    public async Task Cleared_state_is_gone_and_its_versions_never_return(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var storage = Storage(database);
        var state = new GrainState<CounterState>(new() { Count = 1 });
        await storage.WriteStateAsync("state", Counter, state);
        var stale = await ReadAsync(storage, Counter);
        await storage.ClearStateAsync("state", Counter, state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(0, state.State?.Count);
        Assert.False((await ReadAsync(storage, Counter)).RecordExists);
        await storage.ClearStateAsync("state", Counter, state);

        state.State!.Count = 5;
        await storage.WriteStateAsync("state", Counter, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Counter, stale));
        Assert.Equal(5, (await ReadAsync(storage, Counter)).State?.Count);
    }

    [Theory, OnBoth]
    public async Task Of_racing_writers_exactly_one_wins(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var storage = Storage(database);
        for (var round = 0; round < 5; round++)
        {
            var states = new List<GrainState<CounterState>>();
            for (var i = 0; i < 8; i++)
            {
                states.Add(await ReadAsync(storage, Counter));
            }

            var outcomes = await Task.WhenAll(states.Select(async state =>
            {
                try
                {
                    await storage.WriteStateAsync("state", Counter, state);
                    return true;
                }
                catch (InconsistentStateException)
                {
                    return false;
                }
            }));
            Assert.Single(outcomes, won => won);
        }
    }

    [Theory, OnBoth]
    public async Task Payload_is_json_that_begins_with_its_version(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        await Storage(database).WriteStateAsync(
            "state", Counter, new GrainState<CounterState>(new() { Count = 7, Name = "x" }));
        var payload = new SqlQuery<int, string>("select payload from grain_state", (_, _) => { }, r => r.Text(0));
        Assert.Equal(["""{"$v":1,"count":7,"name":"x"}"""], await database.QueryAsync(payload, 0));
    }

    [Theory, OnBoth]
    public async Task Older_shape_is_lifted_when_read_and_a_newer_one_is_refused(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var newer = Storage(database, new GrainStateShape
        {
            StateType = typeof(CounterState),
            Upgrades =
            [
                old => new JsonObject { ["total"] = old["count"]!.DeepClone() },
                old => new JsonObject { ["count"] = old["total"]!.GetValue<int>() * 10, ["name"] = "lifted" },
            ],
        });
        var older = Storage(database);
        await older.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 7, Name = "x" }));

        var lifted = await ReadAsync(newer, Counter);
        Assert.Equal((70, "lifted"), (lifted.State!.Count, lifted.State.Name));
        await newer.WriteStateAsync("state", Counter, lifted);
        Assert.Equal(70, (await ReadAsync(newer, Counter)).State?.Count);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => ReadAsync(older, Counter));
    }

    [Fact]
    public async Task State_without_a_json_context_is_refused_by_name()
    {
        await using var database = await OpenAsync(SqlKind.Sqlite);
        var refusal = await Assert.ThrowsAsync<BadProviderConfigException>(
            () => Storage(database).WriteStateAsync("state", Counter, new GrainState<Version>(new Version(1, 2))));
        Assert.Contains("System.Version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_with_an_unknown_outcome_makes_the_activation_go()
    {
        var server = await databases.Postgres;
        var direct = await server.CreateDatabaseAsync();
        using var proxy = new TcpProxy(server.Port);
        await using var database = await Database.OpenPostgresAsync(
            new()
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(direct) { Port = proxy.Port }.ConnectionString,
            },
            TimeProvider.System);
        await database.MigrateAsync([SqlOrleansServices.Migrations]);
        var storage = Storage(database);
        var state = new GrainState<CounterState>(new() { Count = 1 });
        await storage.WriteStateAsync("state", Counter, state);
        state.State!.Count = 2;
        proxy.Mode = ProxyMode.CutAnswer;
        var failure = await Assert.ThrowsAsync<InconsistentStateException>(
            () => storage.WriteStateAsync("state", Counter, state));
        Assert.IsType<SqlUnknownOutcomeException>(failure.InnerException);
        proxy.Mode = ProxyMode.Pass;
        Assert.Equal(2, (await ReadAsync(storage, Counter)).State?.Count);
    }

    private static IGrainStorage Storage(Database database, params GrainStateShape[] shapes)
    {
        var services = new ServiceCollection()
            .AddSingleton(database)
            .AddSingleton<IJsonTypeInfoResolver>(StateContext.Default)
            .AddSqlGrainStorage();
        foreach (var shape in shapes)
        {
            services.AddSingleton(shape);
        }

        return services.BuildServiceProvider().GetRequiredKeyedService<IGrainStorage>("Default");
    }

    private static async Task<GrainState<CounterState>> ReadAsync(
        IGrainStorage storage, GrainId grain, string name = "state")
    {
        var state = new GrainState<CounterState>();
        await storage.ReadStateAsync(name, grain, state);
        return state;
    }

    private async Task<Database> OpenAsync(SqlKind kind)
    {
        var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([SqlOrleansServices.Migrations]);
        return database;
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
