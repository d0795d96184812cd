using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Ownership;

/// <summary>
/// A drain may give up what still runs after half a second: on a clock that stands, no machine is too busy for it.
/// </summary>
public sealed class ChurnTests
{
    private const int Grains = 48;

    private static bool Long => Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    [Fact(Timeout = 300_000)]
    public async Task While_silos_come_and_go_no_grain_is_active_twice_and_no_call_fails()
    {
        var book = new ActiveBook();
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureHost(host => Add(host.Services, book));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();

        await ChurnAsync(
            cluster.Client, cluster.StartAdditionalSiloAsync,
            added => cluster.StopSiloAsync(added ?? cluster.Silos[0]));

        Assert.Empty(book.Violations);
    }

    [Fact(Timeout = 300_000)]
    public async Task The_same_over_tcp()
    {
        var book = new ActiveBook();
        await using var cluster = await TcpCluster.StartAsync(2, services: services => Add(services, book));
        var client = await cluster.StartClientAsync();

        await ChurnAsync(
            client.Services.GetRequiredService<IGrainFactory>(), () => cluster.StartSiloAsync(),
            added => cluster.StopAsync(added ?? cluster.Silos[0]));

        Assert.Empty(book.Violations);
    }

    private static void Add(IServiceCollection services, ActiveBook book) =>
        services.AddSingleton(book).AddSingleton<Probe>().AddSingleton<TimeProvider>(new FakeClock());

    /// <summary>Starts and stops silos under load; null stops the oldest.</summary>
    private static async Task ChurnAsync<T>(IGrainFactory grains, Func<Task<T>> start, Func<T?, Task> stop)
        where T : class
    {
        using var over = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 6).Select(c => Task.Run(async () =>
        {
            var calls = 0;
            for (; !over.IsCancellationRequested; calls++)
            {
                await grains.GetGrain<IBookedGrain>(((calls * 7) + c) % Grains).EnterAsync();
            }

            return calls;
        })).ToList();

        for (var round = 0; round < (Long ? 100 : 8); round++)
        {
            var added = await start();
            for (var i = 0; i < Grains; i++)
            {
                await grains.GetGrain<IBookedGrain>(i).EnterAsync();
            }

            await stop(round % 2 == 0 ? added : null);
            if (round % 2 != 0)
            {
                await stop(null);
                await start();
            }
        }

        await over.CancelAsync();
        Assert.DoesNotContain(0, await Task.WhenAll(callers).WaitAsync(TimeSpan.FromMinutes(1)));
    }
}
