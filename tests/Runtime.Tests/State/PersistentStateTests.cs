using Orleans.Storage;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.State;

public sealed class PersistentStateTests
{
    [Fact]
    public async Task State_is_read_before_the_grain_activates_and_outlives_the_activation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IStoredGrain>("a");
        Assert.Equal("new", await grain.ReadAsync());

        await grain.WriteAsync("stored");
        await grain.LeaveAsync();

        Assert.Equal("stored", await grain.ReadAsync());
        Assert.Equal(["activated with new False", "activated with stored True"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_cleared_state_is_a_fresh_one()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IStoredGrain>("a");
        await grain.WriteAsync("stored");

        await grain.ClearAsync();

        Assert.Equal("new", await grain.ReadAsync());
        await grain.WriteAsync("again");
        await grain.LeaveAsync();
        Assert.Equal("again", await grain.ReadAsync());
    }

    [Fact]
    public async Task A_write_of_another_version_fails_and_the_activation_that_lets_it_escape_ends()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IStoredGrain>("a");

        var thrown = await Assert.ThrowsAsync<InconsistentStateException>(() => grain.WriteStaleAsync("first"));

        Assert.NotNull(thrown.StoredEtag);
        Assert.Null(thrown.CurrentEtag);
        Assert.Equal("first", await grain.ReadAsync());
        Assert.Equal(["activated with new False", "activated with first True"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_grain_with_state_in_its_base_class_is_stored_too()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IStoredBaseGrain>("a");
        await grain.AddAsync(2);
        await grain.LeaveAsync();

        Assert.Equal(5, await grain.AddAsync(3));
    }

    [Fact]
    public async Task A_storage_that_isnt_registered_is_named_in_the_error()
    {
        await using var silo = await TestSilo.StartAsync();

        var thrown = await Assert.ThrowsAsync<BadProviderConfigException>(
            () => silo.Grains.GetGrain<IUnstorableGrain>("a").ReadAsync());

        Assert.Contains("no such storage", thrown.Message, StringComparison.Ordinal);
    }
}
