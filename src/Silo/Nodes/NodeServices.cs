using Vault.Storage.Shards;

namespace Vault.Silo.Nodes;

/// <summary>Wires a process of a cluster to the shard network.</summary>
internal static class NodeServices
{
    /// <summary>Every process of a cluster: connections to nodes, and the map of them kept fresh.</summary>
    public static IServiceCollection AddNodeMap(this IServiceCollection services, byte[] clusterSecret) =>
        services.AddShardNetwork(clusterSecret).AddHostedService<NodeWatcher>();

    /// <summary>A process that serves volumes besides: its place in the directory and its heartbeat.</summary>
    public static IServiceCollection AddNodeAgent(
        this IServiceCollection services, Func<IServiceProvider, NodeIdentity> identity) =>
        services.AddSingleton(identity).AddSingleton<NodePresence>().AddHostedService<NodeAgent>();

    /// <summary>Completes when the host has started: its ports are bound and grains answer.</summary>
    internal static async Task Started(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellationToken);
    }
}
