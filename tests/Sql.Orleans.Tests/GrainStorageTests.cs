using System.Text.Json.Nodes;
using Npgsql;
using Orleans.Storage;
using Vault.Sql.Orleans.Storage;
using Vault.Sql.Tests;
using Vault.Testing;

namespace Vault.Sql.Orleans.Tests;

/// <summary>What keeps grain states behaves the same on both databases.</summary>
public sealed class GrainStorageTests(Databases databases)
{
    private static readonly GrainId Counter = GrainId.Create("counter", "a/b ünï");

    [Theory, OnBoth]
    public async Task State_that_was_never_written_is_fresh(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var state = new GrainState<CounterState>();
        await (await stores.StorageAsync()).ReadStateAsync("state", Counter, state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(0, state.State?.Count);
    }

    [Theory, OnBoth]
    public async Task Written_state_is_read_back_by_another(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
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
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
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
        Assert.Equal(kind == SqlKind.Sqlite ? before : null, refusal.CurrentEtag);
        Assert.Equal(before, second.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Counter, second));
        Assert.Equal(2, (await ReadAsync(storage, Counter)).State?.Count);
    }

    [Theory, OnBoth]
    public async Task First_write_over_an_existing_state_is_refused(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
        await storage.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 1 }));
        var late = new GrainState<CounterState>(new() { Count = 2 });
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Counter, late));
        Assert.Equal(1, (await ReadAsync(storage, Counter)).State?.Count);
        if (kind == SqlKind.Sqlite)
        {
            // Orleans' provider reads what it has not read before it clears.
            await Assert.ThrowsAsync<InconsistentStateException>(
                () => storage.ClearStateAsync("state", Counter, late));
            Assert.Equal(1, (await ReadAsync(storage, Counter)).State?.Count);
        }
    }

    [Theory, OnBoth]
    public async Task Cleared_state_is_gone_and_its_versions_never_return(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
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
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
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
    public async Task Of_racing_first_writers_exactly_one_wins(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
        for (var round = 0; round < 5; round++)
        {
            // an integer key without an extension: one column of the identity is null
            var grain = GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateIntegerKey(round));
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                try
                {
                    await storage.WriteStateAsync("state", grain, new GrainState<CounterState>(new() { Count = i }));
                    return i;
                }
                catch (InconsistentStateException)
                {
                    return -1;
                }
            }));
            Assert.Equal(Assert.Single(outcomes, i => i >= 0), (await ReadAsync(storage, grain)).State?.Count);
        }
    }

    [Theory, OnBoth]
    public async Task Payload_is_json_that_begins_with_its_version(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
        await storage.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 7, Name = "x" }));
        var payload = kind == SqlKind.Sqlite
            ? await stores.Database.QueryAsync(
                new SqlQuery<int, string>("select payload from grain_state", (_, _) => { }, r => r.Text(0)), 0)
            : await stores.RunAsync<string>("select convert_from(payload, 'UTF8') from orleans_state");
        Assert.Equal(["""{"$v":1,"count":7,"name":"x"}"""], payload);
    }

    [Theory, OnBoth]
    public async Task Older_shape_is_lifted_when_read_and_a_newer_one_is_refused(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var newer = await stores.StorageAsync(new GrainStateShape
        {
            StateType = typeof(CounterState),
            Upgrades =
            [
                old => new JsonObject { ["total"] = old["count"]!.DeepClone() },
                old => new JsonObject { ["count"] = old["total"]!.GetValue<int>() * 10, ["name"] = "lifted" },
            ],
        });
        var older = await stores.StorageAsync();
        await older.WriteStateAsync("state", Counter, new GrainState<CounterState>(new() { Count = 7, Name = "x" }));

        var lifted = await ReadAsync(newer, Counter);
        Assert.Equal((70, "lifted"), (lifted.State!.Count, lifted.State.Name));
        await newer.WriteStateAsync("state", Counter, lifted);
        Assert.Equal(70, (await ReadAsync(newer, Counter)).State?.Count);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => ReadAsync(older, Counter));
    }

    [Theory, OnBoth]
    public async Task State_without_a_json_context_is_refused_by_name(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var storage = await stores.StorageAsync();
        var refusal = await Assert.ThrowsAsync<BadProviderConfigException>(
            () => storage.WriteStateAsync("state", Counter, new GrainState<Version>(new Version(1, 2))));
        Assert.Contains("System.Version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_part_of_an_identity_counts()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var storage = await stores.StorageAsync();
        var guid = Guid.Parse("00000000-0000-0000-0000-000000000007");
        (string Name, GrainId Grain)[] states =
        [
            ("state", GrainId.Create("counter", "7")),
            ("other", GrainId.Create("counter", "7")),
            ("state", GrainId.Create("counter", "seven")),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateIntegerKey(8))),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateIntegerKey(-8))),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateIntegerKey(8, "extension"))),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateIntegerKey(8, "Extension"))),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateGuidKey(guid))),
            ("state", GrainId.Create(Counter.Type, GrainIdKeyExtensions.CreateGuidKey(guid, "extension"))),
        ];
        for (var i = 0; i < states.Length; i++)
        {
            await storage.WriteStateAsync(
                states[i].Name, states[i].Grain, new GrainState<CounterState>(new() { Count = i }));
        }

        for (var i = 0; i < states.Length; i++)
        {
            Assert.Equal(i, (await ReadAsync(storage, states[i].Grain, states[i].Name)).State?.Count);
        }

        var elsewhere = await stores.StorageAsync("other service");
        Assert.False((await ReadAsync(elsewhere, states[0].Grain)).RecordExists);
    }

    [Fact]
    public async Task Cleared_state_that_keeps_its_row_keeps_counting()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var storage = await stores.StorageAsync("service", deleteOnClear: false);
        var state = new GrainState<CounterState>(new() { Count = 1 });
        await storage.WriteStateAsync("state", Counter, state);
        var stale = await ReadAsync(storage, Counter);
        await storage.ClearStateAsync("state", Counter, state);
        Assert.Equal((false, 0), (state.RecordExists, state.State!.Count));

        var read = await ReadAsync(storage, Counter);
        Assert.Equal((false, state.ETag, 0), (read.RecordExists, read.ETag, read.State!.Count));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Counter, stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Counter, stale));
        read.State.Count = 2;
        await storage.WriteStateAsync("state", Counter, read);
        Assert.Equal(2, (await ReadAsync(storage, Counter)).State?.Count);
    }

    [Fact]
    public async Task After_a_write_with_an_unknown_outcome_the_activation_cannot_write()
    {
        await using var stores = await Stores.OpenAsync(databases);
        using var proxy = new TcpProxy((await databases.Postgres).Port);
        stores.Port = proxy.Port;
        var storage = await stores.StorageAsync();
        var state = new GrainState<CounterState>(new() { Count = 1 });
        await storage.WriteStateAsync("state", Counter, state);
        state.State!.Count = 2;
        proxy.Mode = ProxyMode.CutAnswer;
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => storage.WriteStateAsync("state", Counter, state));
        proxy.Mode = ProxyMode.Pass;
        Assert.Equal(2, (await ReadAsync(storage, Counter)).State?.Count);
        state.State.Count = 3;
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Counter, state));
    }

    private static async Task<GrainState<CounterState>> ReadAsync(
        IGrainStorage storage, GrainId grain, string name = "state")
    {
        var state = new GrainState<CounterState>();
        await storage.ReadStateAsync(name, grain, state);
        return state;
    }
}
