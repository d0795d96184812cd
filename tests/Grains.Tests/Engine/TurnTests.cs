using Microsoft.Extensions.DependencyInjection;
using Vault.Sql;

namespace Vault.Grains.Tests.Engine;

/// <summary>What our grains rely on of Orleans' turns, timers and cancellation, held with each of its releases.</summary>
public sealed class TurnTests(Databases databases)
{
    private readonly TurnProbe _probe = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Ticks_wait_for_the_turn_of_a_call_unless_they_interleave()
    {
        await using var cluster = await StartAsync();
        var grain = Grain(cluster);
        for (var round = 0; round < 20; round++)
        {
            var call = grain.HoldAsync(Token);
            await _probe.Held.WaitAsync(Token);
            var ticks = _probe.Ticks;
            while (_probe.Beaten.Wait(0, Token))
            {
                // of before
            }

            for (var beat = 0; beat < 3; beat++) await _probe.Beaten.WaitAsync(Token);
            Assert.Equal(ticks, _probe.Ticks);
            while (_probe.Ticked.Wait(0, Token))
            {
                // of before
            }

            _probe.Free.Release();
            await call;
            await _probe.Ticked.WaitAsync(Token);
        }

        Assert.False(_probe.Overlapped);
    }

    /// <summary>Nobody tells the tick before: what lasts long must look at the host's stop itself.</summary>
    [Fact(Timeout = 60_000)]
    public async Task An_activation_ends_when_its_ticks_under_way_have_and_the_next_call_meets_another()
    {
        _probe.BeatsLast = true;
        await using var cluster = await StartAsync();
        var grain = Grain(cluster);
        _probe.Free.Release(2);
        var before = await grain.HoldAsync(Token);
        await _probe.Beaten.WaitAsync(Token);
        await grain.EndAsync();
        var next = grain.HoldAsync(Token);
        Assert.False(next.IsCompleted);
        _probe.Told.SetResult();
        Assert.NotEqual(before, await next);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_the_caller_cancels_ends_in_the_grain_and_leaves_the_turn_to_the_next()
    {
        await using var cluster = await StartAsync();
        var grain = Grain(cluster);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = grain.HoldAsync(cancelling.Token);
        await _probe.Held.WaitAsync(Token);
        var next = grain.HoldAsync(Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await _probe.Held.WaitAsync(Token);
        _probe.Free.Release();
        await next;
        Assert.False(_probe.Overlapped);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_activation_that_fails_refuses_its_caller_and_the_next_call_tries_anew()
    {
        _probe.Failing = 1;
        await using var cluster = await StartAsync();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Grain(cluster).HoldAsync(Token));
        Assert.IsNotType<TimeoutException>(refused);
        _probe.Free.Release();
        await Grain(cluster).HoldAsync(Token);
    }

    private static ITurnGrain Grain(Cluster cluster) => cluster.Grains.GetGrain<ITurnGrain>("turns");

    private Task<Cluster> StartAsync() =>
        Cluster.StartAsync(databases, SqlKind.Sqlite, services => services.AddSingleton(_probe));
}
