using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Runtime.Simulation.Network;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>A front end: a cluster client as the product composes it, in a simulated process.</summary>
internal sealed class SimulatedClient
{
    private readonly ServiceProvider _services;

    public SimulatedClient(SimulatedCluster cluster, int number)
    {
        Process = cluster.Scheduler.AddProcess($"client{number}");
        Views = new AskedViews(cluster, Process);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Process.Clock);
        services.AddSingleton<Executor>(Process.Executor);
        services.AddSingleton<ITransport>(new SimulatedTransport(cluster.Network, Process));
        services.Configure<ClientMessagingOptions>(
            options => options.ResponseTimeout = SimulatedCluster.ResponseTimeout);
        RuntimeServices.AddClient(services);
        services.AddSingleton<IMembership>(Views);
        var address = SiloAddress.New(IPAddress.Parse("10.0.0." + (number + 1)), 0, -1 - number);
        services.AddSingleton(new LocalNode(address, Process.Name, Process.Clock) { Executor = Process.Executor });
        _services = services.BuildServiceProvider();
        Grains = _services.GetRequiredService<IGrainFactory>();
    }

    public SimulatedProcess Process { get; }

    public AskedViews Views { get; }

    public IGrainFactory Grains { get; }

    /// <summary>Starts it; then it does its work.</summary>
    public void Start(Func<Task> work) => Process.Post(async () =>
    {
        Views.Start();
        await _services.GetRequiredService<ClientService>().StartAsync(CancellationToken.None);
        await work();
    });
}
