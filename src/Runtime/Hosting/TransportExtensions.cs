using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Vault.Runtime.Messaging;
using Vault.Runtime.Messaging.Tcp;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>Lets silos and clients of several processes talk over TCP.</summary>
public static class TransportExtensions
{
    /// <summary>
    /// The silo listens where its endpoint options say, and talks to other silos and to clients over TCP.
    /// </summary>
    public static ISiloBuilder UseTcpTransport(this ISiloBuilder builder, Action<TransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(static sp => new SiloListener(Options<EndpointOptions>(sp)));
        Add(builder.Services, configure);
        return builder;
    }

    /// <summary>The client talks to silos over TCP; it finds the first one among the seeds.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="seeds">Silos as <c>host:port</c>; a name may stand for several addresses.</param>
    /// <param name="configure">Sets the options.</param>
    public static IClientBuilder UseTcpTransport(
        this IClientBuilder builder, IReadOnlyList<string> seeds, Action<TransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(seeds);
        foreach (var seed in seeds)
        {
            var colon = seed.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(seed.AsSpan(colon + 1), out var port) || port == 0)
            {
                throw new ArgumentException($"'{seed}' is not host:port.", nameof(seeds));
            }
        }

        if (seeds.Count == 0)
        {
            throw new ArgumentException("A client needs at least one silo to connect to.", nameof(seeds));
        }

        builder.Services.AddSingleton<PushedMembership>();
        builder.Services.RemoveAll<IMembership>();
        builder.Services.AddSingleton<IMembership>(static sp => sp.GetRequiredService<PushedMembership>());
        builder.Services.AddSingleton(sp => new ClientConnections(
            sp.GetRequiredService<TcpTransport>(), sp.GetRequiredService<ViewHolder>(), seeds,
            sp.GetRequiredService<ILogger<ClientConnections>>()));
        Add(builder.Services, configure);
        return builder;
    }

    private static void Add(IServiceCollection services, Action<TransportOptions> configure)
    {
        services.AddOptionsWithValidateOnStart<TransportOptions>().Configure(configure);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TransportOptions>, TransportOptionsValidator>());
        services.TryAddSingleton(static sp => new TcpTransport(
            Options<TransportOptions>(sp), Options<ClusterOptions>(sp).ClusterId, sp.GetService<SiloListener>(),
            sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<RemoteInstruments>(),
            sp.GetRequiredService<ILogger<TcpTransport>>()));
        services.RemoveAll<ITransport>();
        services.AddSingleton<ITransport>(static sp => sp.GetRequiredService<TcpTransport>());
    }

    private static T Options<T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;
}
