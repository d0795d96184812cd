using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Messaging;
using Vault.Runtime.Simulation.Database;
using Vault.Runtime.Simulation.Network;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>A silo as the product composes it, in a simulated process; only what it talks to is simulated.</summary>
internal sealed class SimulatedSilo
{
    private const int FirstPort = 11111;
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedTransport _transport;
    private readonly SiloService _service;

    public SimulatedSilo(SimulatedCluster cluster, int number, int start)
    {
        _cluster = cluster;
        Number = number;
        Process = cluster.Scheduler.AddProcess($"silo{number}.{start}");
        _transport = new SimulatedTransport(cluster.Network, Process);
        Services = Build(cluster, number);
        _service = Services.GetRequiredService<SiloService>();
    }

    public int Number { get; }

    public SimulatedProcess Process { get; }

    public ServiceProvider Services { get; }

    public SiloAddress Address => _service.Address;

    /// <summary>Whether it has begun to stop in good order.</summary>
    public bool IsLeaving { get; private set; }

    public bool IsAlive => !Process.IsDead;

    public void Start() => Process.Post(async () =>
    {
        try
        {
            await _service.StartAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is not ProcessDiedException)
        {
            // as a program whose silo can't start: it ends, and is started again
            _cluster.Scheduler.Log?.Invoke($"{Process.Name} did not start: {exception.Message}");
            Kill();
        }
    });

    /// <summary>SIGTERM: it leaves, then the process ends.</summary>
    public void Leave()
    {
        IsLeaving = true;
        Process.Post(async () =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), Process.Clock);
            await _service.StopAsync(patience.Token);
            Kill();
        });
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        Process.Die();
        _transport.Abort();
    }

    private ServiceProvider Build(SimulatedCluster cluster, int number)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Process.Clock);
        services.AddSingleton<Executor>(Process.Executor);
        services.AddSingleton(cluster.Scheduler.Random);
        services.AddSingleton<ITransport>(_transport);
        services.AddSingleton(new FencedRows(cluster.Database, Process, cluster.Break.Fence));
        services.Configure<EndpointOptions>(options => options.SiloPort = FirstPort + number);
        services.Configure<SiloOptions>(options => options.SiloName = "silo" + number);
        services.Configure<MembershipOptions>(options => options.Process = Process.Name);
        services.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = SimulatedCluster.ResponseTimeout);
        RuntimeServices.AddSilo(services);
        RuntimeServices.AddLeasedMembership(
            services, _ => new MembershipDouble(cluster.Database, cluster.Tables, Process));
        if (cluster.Scheduler.Log is { } log)
        {
            services.AddLogging(builder => builder.AddProvider(new LineLogger(Process, log)));
        }

        cluster.Break.Change(services);
        return services.BuildServiceProvider();
    }
}
