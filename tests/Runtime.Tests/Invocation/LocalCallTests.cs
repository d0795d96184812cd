using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Invocation;

public sealed class LocalCallTests
{
    [Fact]
    public async Task A_grain_keeps_its_state_between_calls()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ICounterGrain>(1);

        Assert.Equal(2, await grain.AddAsync(2));
        Assert.Equal(5, await grain.AddAsync(3));
        Assert.Equal(5, await silo.Grains.GetGrain<ICounterGrain>(1).GetAsync());
        Assert.Equal(0, await silo.Grains.GetGrain<ICounterGrain>(2).GetAsync());
    }

    [Fact]
    public async Task Calls_of_one_grain_run_one_after_the_other()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ICounterGrain>(1);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => grain.AddLaterAsync(1))));

        Assert.Equal(500, await grain.GetAsync());
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_with_its_type_and_stack()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<ICounterGrain>(1);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAsync("no"));

        Assert.Equal("no", thrown.Message);
        Assert.Contains(nameof(CounterGrain), thrown.StackTrace, StringComparison.Ordinal);
    }
}
