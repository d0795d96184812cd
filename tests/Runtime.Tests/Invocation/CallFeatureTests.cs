using Orleans.Concurrency;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Invocation;

public sealed class CallFeatureTests
{
    [Fact]
    public async Task Keys_of_every_kind_reach_the_grain()
    {
        await using var silo = await TestSilo.StartAsync();
        var guid = Guid.NewGuid();

        Assert.Equal($"{guid}", await silo.Grains.GetGrain<IGuidKeyGrain>(guid).KeyAsync());
        Assert.Equal($"{guid} x/y+z", await silo.Grains.GetGrain<IGuidCompoundKeyGrain>(guid, "x/y+z").KeyAsync());
        Assert.Equal("-7 x+1", await silo.Grains.GetGrain<IIntegerCompoundKeyGrain>(-7, "x+1").KeyAsync());
        Assert.Equal(4, await silo.Grains.GetGrain<ICounterGrain>(long.MinValue).AddAsync(4));
        Assert.Equal(
            "counter/8000000000000000", silo.Grains.GetGrain<ICounterGrain>(long.MinValue).GetGrainId().ToString());
    }

    [Fact]
    public async Task An_interface_of_two_classes_needs_a_prefix_or_a_default()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IAnimalGrain>(1));
        Assert.Equal("woof", await silo.Grains.GetGrain<IAnimalGrain>(1, "Dog").SoundAsync());
        Assert.Equal("miaow", await silo.Grains.GetGrain<IPetGrain>(1).SoundAsync());
        Assert.Equal("woof", await silo.Grains.GetGrain<IPetGrain>(1, "Vault.Runtime.Tests.Grains.Dog").SoundAsync());
    }

    [Fact]
    public async Task References_are_equal_by_grain_and_interface_and_can_be_cast()
    {
        await using var silo = await TestSilo.StartAsync();
        var pet = silo.Grains.GetGrain<IPetGrain>(1);

        Assert.Equal(pet, silo.Grains.GetGrain<IPetGrain>(1));
        Assert.NotEqual(pet, silo.Grains.GetGrain<IPetGrain>(2));
        Assert.Equal("miaow", await pet.Cast<IAnimalGrain>().SoundAsync());
        Assert.Equal("miaow", await silo.Grains.GetGrain<IAnimalGrain>(GrainId.Parse("tests-cat/1")).SoundAsync());
    }

    [Fact]
    public async Task Arguments_and_results_are_copied_unless_they_are_immutable()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IBasketGrain>("a");
        List<int> mine = [1, 2];
        await grain.PutAsync(mine);
        mine.Add(3);

        var got = await grain.GetAsync();
        Assert.Equal([1, 2], got);
        got.Add(4);
        Assert.Equal([1, 2], await grain.GetAsync());

        await grain.PutImmutableAsync(mine.AsImmutable());
        mine.Add(5);
        Assert.Equal([1, 2, 3, 5], await grain.GetAsync());
    }

    [Fact]
    public async Task Request_context_flows_to_the_called_grain_and_on_and_never_back()
    {
        await using var silo = await TestSilo.StartAsync();
        var (a, b) = (silo.Grains.GetGrain<IBasketGrain>("a"), silo.Grains.GetGrain<IBasketGrain>("b"));
        RequestContext.Set("key", "mine");
        try
        {
            Assert.Equal("mine", await a.ContextAsync("key", "theirs"));
            Assert.Equal("mine", RequestContext.Get("key"));
            Assert.Equal("mine", await a.NestedContextAsync(b, "key"));
        }
        finally
        {
            RequestContext.Clear();
        }

        Assert.Null(await a.ContextAsync("key", null));
    }

    [Fact]
    public async Task Filters_run_in_order_around_a_call_and_may_change_it()
    {
        var said = new List<string>();
        await using var silo = await TestSilo.StartAsync(builder => builder
            .AddOutgoingGrainCallFilter(async context =>
            {
                said.Add($"out {context.MethodName}");
                await context.Invoke();
                said.Add("back");
            })
            .AddIncomingGrainCallFilter(async context =>
            {
                said.Add($"in {context.InterfaceMethod.Name} {context.ImplementationMethod.DeclaringType!.Name} "
                    + $"{context.TargetId}");
                context.Request.SetArgument(0, 20L);
                await context.Invoke();
                context.Result = (long)context.Result! + 1;
            }));

        Assert.Equal(21, await silo.Grains.GetGrain<ICounterGrain>(1).AddAsync(1));
        Assert.Equal(["out AddAsync", "in AddAsync CounterGrain counter/1", "back"], said);
    }

    [Fact]
    public async Task A_filter_may_refuse_a_call_or_hear_of_its_failure()
    {
        Exception? heard = null;
        await using var silo = await TestSilo.StartAsync(builder => builder.AddIncomingGrainCallFilter(async context =>
        {
            if (context.MethodName == nameof(ICounterGrain.AddAsync))
            {
                throw new UnauthorizedAccessException("no");
            }

            try
            {
                await context.Invoke();
            }
            catch (InvalidOperationException exception)
            {
                heard = exception;
                throw;
            }
        }));
        var grain = silo.Grains.GetGrain<ICounterGrain>(1);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => grain.AddAsync(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAsync("x"));
        Assert.Equal("x", heard?.Message);
        Assert.Equal(0, await grain.GetAsync());
    }

    [Fact]
    public async Task A_grain_class_may_filter_its_own_calls()
    {
        await using var silo = await TestSilo.StartAsync();

        await silo.Grains.GetGrain<IBasketGrain>("a").GetAsync();

        Assert.Equal(["grain filter GetAsync"], silo.Probe.Events);
    }

    [Fact]
    public async Task Observers_are_called_until_their_reference_is_deleted()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IBasketGrain>("a");
        var listener = new Listener(silo.Probe);
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        await grain.SubscribeAsync(reference);

        await grain.TellAsync("hello");
        await silo.Probe.Heard("listener hello");
        Assert.Equal(42, await grain.AskAsync(21));
        silo.Grains.DeleteObjectReference<IListener>(reference);

        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.AskAsync(21));
        GC.KeepAlive(listener);
    }

    private sealed class Listener(Probe probe) : IListener
    {
        public void Heard(string what) => probe.Say($"listener {what}");

        public Task<int> AskAsync(int number) => Task.FromResult(number * 2);
    }
}
