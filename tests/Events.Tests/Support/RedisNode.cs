using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Events.Bus;
using Vault.Events.Limits;
using Vault.Events.Redis;

namespace Vault.Events.Tests.Support;

/// <summary>What a process with Redis has, running in the test.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly List<IHostedService> hosted;

    private readonly Measured probes;

    private RedisNode(ServiceProvider services)
    {
        (this.services, hosted) = (services, [.. services.GetServices<IHostedService>()]);
        Sends = Measured.Sends(services);
        Reports = Commands("limit");
        probes = Commands("probe");

        Measured Commands(string use) => new(
            services, "Vault.Redis",
            what => what.StartsWith($"vault.redis.commands use={use} ", StringComparison.Ordinal));
    }

    public Measured Sends { get; }

    /// <summary>What was let through has been told to Redis, or could not be.</summary>
    public Measured Reports { get; }

    public EventBus Bus => services.GetRequiredService<EventBus>();

    public RedisLink Link => services.GetRequiredService<RedisLink>();

    public RedisRecords Records => services.GetRequiredService<RedisRecords>();

    public RateLimits Limits => services.GetRequiredService<RateLimits>();

    public static async Task<RedisNode> StartAsync(string url, CancellationToken ct, string? authority = null)
    {
        Assert.True(RedisAddress.TryParse(url, out var address, out var fault, authority), fault);
        var collection = new ServiceCollection();
        collection.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        collection.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        collection.AddRedis(address, "test:").AddEvents(alone: false);
        var node = new RedisNode(collection.BuildServiceProvider());
        foreach (var service in node.hosted) await service.StartAsync(ct);
        return node;
    }

    /// <summary>Waits until commands are answered.</summary>
    public async Task AnsweredAsync(CancellationToken ct)
    {
        while (!(await Link.TryAsync(RedisUse.Probe, "return 1", [], [])).Answered) await probes.NextAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in hosted) await service.StopAsync(CancellationToken.None);
        Sends.Dispose();
        Reports.Dispose();
        probes.Dispose();
        await services.DisposeAsync();
    }
}
