using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Ownership;

public sealed class ChurnTests
{
    [Fact]
    public async Task While_silos_come_and_go_no_grain_is_active_twice_and_no_call_fails()
    {
        // a drain may give up what still runs after half a second: on a clock that stands, no machine is too busy for it
        var book = new ActiveBook();
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureHost(host => host.Services.AddSingleton(book).AddSingleton<Probe>()
            .AddSingleton<TimeProvider>(new FakeClock()));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var callers = Enumerable.Range(0, 6).Select(c => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await cluster.Client.GetGrain<IBookedGrain>(((i * 7) + c) % 48).EnterAsync();
                Interlocked.Increment(ref calls);
            }
        })).ToList();

        for (var round = 0; round < (Long ? 100 : 8); round++)
        {
            var added = await cluster.StartAdditionalSiloAsync();
            for (var i = 0; i < 48; i++)
            {
                await cluster.Client.GetGrain<IBookedGrain>(i).EnterAsync();
            }

            await cluster.StopSiloAsync(round % 2 == 0 ? added : cluster.Silos[0]);
            if (round % 2 != 0)
            {
                await cluster.StopSiloAsync(cluster.Silos[0]);
                await cluster.StartAdditionalSiloAsync();
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(book.Violations);
        Assert.True(calls > 500);
    }

    private static bool Long => Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";
}
