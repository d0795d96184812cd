using Vault.Runtime.Exceptions;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Activation;

public sealed class InterleavingTests
{
    [Fact]
    public async Task A_call_waits_for_the_one_before_it()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        var first = grain.PlainAsync("1");
        await silo.Probe.Heard("started 1");
        var second = grain.PlainAsync("2");
        silo.Probe.Open("2");
        silo.Probe.Open("1");

        await Task.WhenAll(first, second);

        Assert.Equal(["started 1", "ended 1", "started 2", "ended 2"], silo.Probe.Events);
    }

    [Fact]
    public async Task Calls_of_a_reentrant_class_interleave()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IReentrantTurnGrain>("a");
        var first = grain.PlainAsync("1");
        await silo.Probe.Heard("started 1");

        silo.Probe.Open("2");
        await grain.PlainAsync("2");

        silo.Probe.Open("1");
        await first;
        Assert.Equal(["started 1", "started 2", "ended 2", "ended 1"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_method_that_always_interleaves_doesnt_wait_and_isnt_waited_for()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        var plain = grain.PlainAsync("1");
        await silo.Probe.Heard("started 1");
        var always = grain.AlwaysAsync("2");
        await silo.Probe.Heard("started 2");
        silo.Probe.Open("1");
        await plain;

        silo.Probe.Open("3");
        await grain.PlainAsync("3");

        silo.Probe.Open("2");
        await always;
    }

    [Fact]
    public async Task Read_only_calls_interleave_with_each_other_and_not_with_others()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        var reads = new[] { grain.ReadAsync("r1"), grain.ReadAsync("r2") };
        await silo.Probe.Heard("started r1");
        await silo.Probe.Heard("started r2");
        var write = grain.PlainAsync("w");
        silo.Probe.Open("w");
        silo.Probe.Open("r1");
        await reads[0];
        Assert.Equal(0, silo.Probe.Count("started w"));

        silo.Probe.Open("r2");
        await Task.WhenAll(reads);
        await write;

        Assert.Equal("ended w", silo.Probe.Events.Last());
    }

    [Fact]
    public async Task A_class_may_choose_what_interleaves()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IChoosingTurnGrain>("a");
        var first = grain.PlainAsync("1");
        await silo.Probe.Heard("started 1");
        var second = grain.PlainAsync("2");

        silo.Probe.Open("urgent");
        await grain.PlainAsync("urgent");

        Assert.Equal(0, silo.Probe.Count("started 2"));
        silo.Probe.Open("1");
        silo.Probe.Open("2");
        await Task.WhenAll(first, second);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b,a")]
    [InlineData("b,c,d,b")]
    public async Task A_cycle_of_calls_is_reported_at_once_with_its_grains(string path)
    {
        var clock = new FakeClock();
        await using var silo = await TestSilo.StartAsync(clock);
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");

        var thrown = await Assert.ThrowsAsync<CallCycleException>(() => grain.CallAsync(path.Split(',')));

        Assert.Contains(path[^1..], thrown.Message, StringComparison.Ordinal);
        Assert.Equal("a", await grain.CallAsync([]));
    }

    [Fact]
    public async Task A_grain_that_is_to_go_still_takes_calls_of_its_own_chain_and_reports_its_cycles()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Equal("abab", await silo.Grains.GetGrain<IReentrantTurnGrain>("a").LeaveAndCallAsync(["b", "a", "b"]));
        await Assert.ThrowsAsync<CallCycleException>(
            () => silo.Grains.GetGrain<IPlainTurnGrain>("a").LeaveAndCallAsync(["b", "a"]));
    }

    [Fact]
    public async Task A_cycle_is_allowed_where_its_grain_allows_it_or_is_reentrant()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Equal("aba", await silo.Grains.GetGrain<IPlainTurnGrain>("a").CallAllowedAsync(["b", "a"]));
        Assert.Equal("aba", await silo.Grains.GetGrain<IReentrantTurnGrain>("a").CallAsync(["b", "a"]));
    }

    [Fact]
    public async Task Code_after_an_await_runs_on_the_activation_unless_it_leaves_on_purpose()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Equal(
            "a True True True True True True", await silo.Grains.GetGrain<IPlainTurnGrain>("a").SchedulersAsync());
    }

    [Fact]
    public async Task A_one_way_call_returns_before_it_runs_to_its_end()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");

        await grain.NotifyAsync("n");

        await silo.Probe.Heard("started n");
        silo.Probe.Open("n");
        await silo.Probe.Heard("ended n");
    }

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_its_grain_goes_on()
    {
        var clock = new FakeClock();
        await using var silo = await TestSilo.StartAsync(clock);
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        var running = grain.PlainAsync("1");
        await silo.Probe.Heard("started 1");
        var queued = grain.PlainAsync("2");
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(running.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<TimeoutException>(() => running);
        await Assert.ThrowsAsync<TimeoutException>(() => queued);
        silo.Probe.Open("1");
        silo.Probe.Open("3");
        await grain.PlainAsync("3");
        Assert.Equal(["started 1", "ended 1", "started 3", "ended 3"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_method_may_have_its_own_time_to_wait()
    {
        var clock = new FakeClock();
        await using var silo = await TestSilo.StartAsync(clock);
        var brief = silo.Grains.GetGrain<IPlainTurnGrain>("a").BriefAsync("1");
        await silo.Probe.Heard("started 1");

        clock.Advance(TimeSpan.FromSeconds(6));

        await Assert.ThrowsAsync<TimeoutException>(() => brief);
        silo.Probe.Open("1");
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_at_once_and_tells_the_grain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainTurnGrain>("a");
        using var cancel = new CancellationTokenSource();
        var running = grain.TokenAsync("1", cancel.Token);
        await silo.Probe.Heard("started 1");
        var queued = grain.TokenAsync("2", cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        await silo.Probe.Heard("cancelled 1");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.TokenAsync("3", cancel.Token));
        Assert.Equal("a", await grain.CallAsync([]));
        Assert.Equal(0, silo.Probe.Count("started 2") + silo.Probe.Count("started 3"));
    }
}
