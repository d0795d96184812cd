using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Vault.Events.Bus;

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
        return services.AddHostedService<EventService>();
    }

    /// <summary>Keeps the bus running while the host does.</summary>
    private sealed class EventService(EventBus bus) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => bus.RunAsync(stoppingToken);
    }
}
