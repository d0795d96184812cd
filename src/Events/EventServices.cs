using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vault.Events.Bus;
using Vault.Events.Limits;
using Vault.Events.Redis;

namespace Vault.Events;

/// <summary>Adds the event bus to a host.</summary>
public static class EventServices
{
    /// <summary>
    /// Registers the bus of this process; every <see cref="IEventTransport"/> that is registered carries its wake-ups
    /// to others. Without one it works inside the process.
    /// </summary>
    /// <param name="services">Where.</param>
    /// <param name="alone">True when no other process can change what this one reads.</param>
    public static IServiceCollection AddEvents(this IServiceCollection services, bool alone)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventInstruments>();
        if (services.Any(s => s.ServiceType == typeof(EventBus))) return services;
        services.AddSingleton(new EventScope(alone));
        services.AddSingleton<EventBus>();
        services.TryAddSingleton(static s => new RateLimits(s.GetRequiredService<TimeProvider>()));
        return services.AddHostedService<EventService>();
    }

    /// <summary>
    /// Has Redis carry wake-ups, keep sealed records and add up limits. Call it before <see cref="AddEvents"/>.
    /// </summary>
    /// <param name="services">Where.</param>
    /// <param name="address">Where Redis is.</param>
    /// <param name="prefix">What the names of this cluster begin with.</param>
    public static IServiceCollection AddRedis(this IServiceCollection services, RedisAddress address, string prefix)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RedisInstruments>();
        services.AddSingleton(s => new RedisLink(
            address, prefix, s.GetRequiredService<RedisInstruments>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<RedisLink>>()));
        services.AddHostedService(static s => s.GetRequiredService<RedisLink>());
        services.AddSingleton<IEventTransport>(static s => new RedisEvents(
            s.GetRequiredService<RedisLink>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static s => new RedisRecords(
            s.GetRequiredService<RedisLink>(), s.GetRequiredService<RedisInstruments>()));
        services.AddSingleton<RateReports>();
        services.AddHostedService(static s => s.GetRequiredService<RateReports>());
        return services.AddSingleton(static s => new RateLimits(
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<RateReports>()));
    }

    /// <summary>Keeps the bus running while the host does.</summary>
    private sealed class EventService(EventBus bus) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => bus.RunAsync(stoppingToken);
    }
}
