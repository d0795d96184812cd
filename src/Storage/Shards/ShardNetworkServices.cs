using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Vault.Storage.Shards;

/// <summary>Registers the shard network with a host, and its endpoints with the node port.</summary>
public static class ShardNetworkServices
{
    /// <summary>
    /// Adds the network; the host registers a <see cref="ShardClient"/> over it, and publishes maps to
    /// <see cref="ShardNetwork.Publish"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="clusterSecret">At least 32 bytes, the same in every process of the cluster.</param>
    public static IServiceCollection AddShardNetwork(this IServiceCollection services, byte[] clusterSecret)
    {
        services.AddMetrics();
        services.AddSingleton<IValidateOptions<ShardNetworkOptions>, ShardNetworkOptionsValidator>();
        services.AddOptions<ShardNetworkOptions>().BindConfiguration("Shards").ValidateOnStart();
        services.AddSingleton(provider => new ShardNetwork(
            provider.GetRequiredService<IOptions<ShardNetworkOptions>>().Value, clusterSecret,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(static provider =>
        {
            var network = provider.GetRequiredService<ShardNetwork>();
            return new ShardEndpoints(
                provider.GetRequiredService<ShardClient>(), network, network.NewSessions(), network.Instruments,
                provider.GetRequiredService<TimeProvider>());
        });
        return services;
    }

    /// <summary>The node port as one delegate, for a host that branches by port itself.</summary>
    public static RequestDelegate ShardRequestDelegate(this IServiceProvider services) =>
        services.GetRequiredService<ShardEndpoints>().HandleAsync;

    /// <summary>Serves the shard protocol under <c>/shard/v1</c>.</summary>
    public static IEndpointConventionBuilder MapShardEndpoints(this IEndpointRouteBuilder endpoints) =>
        endpoints.Map("/shard/v1/{**call}", endpoints.ServiceProvider.ShardRequestDelegate());
}
