using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace Vault.Runtime.Bench;

/// <summary>
/// Answers: how fast are grain calls inside one process, what do they allocate, and what does a message to another silo
/// cost?
/// </summary>
internal static class LocalBench
{
    public static async Task RunAsync(double seconds)
    {
        var measure = new Measure(seconds);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using (var host = builder.Build())
        {
            await host.StartAsync();
            await RunAsync(measure, host.Services.GetRequiredService<IGrainFactory>());
            await host.StopAsync();
        }

        await using var cluster = new InProcessTestClusterBuilder(2).Build();
        await cluster.DeployAsync();
        var grain = cluster.Client.GetGrain<IBenchGrain>(0);
        await measure.OneAsync("message, one caller", () => grain.AddAsync(1));
        await measure.ManyAsync(
            "message, 64 callers, 64 grains", 64, i => cluster.Client.GetGrain<IBenchGrain>(i), g => g.AddAsync(1));
    }

    private static async Task RunAsync(Measure measure, IGrainFactory grains)
    {
        var grain = grains.GetGrain<IBenchGrain>(0);
        await measure.OneAsync("local, one caller, Task<long>", () => grain.AddAsync(1));
        await measure.OneAsync("local, one caller, ValueTask<long>", () => grain.AddValueAsync(1).AsTask());
        await measure.OneAsync(
            "local, one caller, reference made for each call", () => grains.GetGrain<IBenchGrain>(0).AddAsync(1));
        await measure.OneAsync("local, one caller, grain awaits", () => grain.AddLaterAsync(1));
        await measure.ManyAsync(
            "local, 64 callers, 64 grains", 64, i => grains.GetGrain<IBenchGrain>(i), g => g.AddAsync(1));
        await measure.ManyAsync("local, 64 callers, one grain", 64, _ => grain, g => g.AddAsync(1));
        await measure.ManyAsync(
            "local, 64 callers, 64 grains, grains await", 64, i => grains.GetGrain<IBenchGrain>(i),
            g => g.AddLaterAsync(1));
    }
}
