using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.TestingHost;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Testing;

/// <summary>Silos and a client in one process, over one in-memory network and membership.</summary>
internal sealed class ClusterHarness(
    string clusterId, string serviceId, Func<string, Action<IServiceCollection>, IHost> buildSilo,
    Func<Action<IServiceCollection>, IHost> buildClient)
{
    private const int FirstPort = 20000;
    private readonly Lock _gate = new();
    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryMembership _membership = new();
    private List<InProcessSiloHandle> _silos = [];
    private int _started;

    public IReadOnlyList<InProcessSiloHandle> Silos => _silos;

    public IHost? ClientHost { get; private set; }

    public async Task<InProcessSiloHandle> StartSiloAsync(CancellationToken ct, InProcessSiloHandle? again = null)
    {
        var generation = Interlocked.Increment(ref _started);
        var number = again?.InstanceNumber ?? (short)(generation - 1);
        var name = again?.Name ?? (number == 0 ? "Primary" : $"Secondary_{number}");
        var host = buildSilo(name, services =>
        {
            services.RemoveAll<IMembership>();
            services.AddSingleton<IMembership>(_membership);
            services.RemoveAll<InMemoryNetwork>();
            services.AddSingleton(_network);
            services.AddSingleton(new SiloGeneration(generation));
            services.Configure<ClusterOptions>(
                options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId));
            services.Configure<SiloOptions>(options => options.SiloName = name);
            services.Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = System.Net.IPAddress.Loopback;
                options.SiloPort = FirstPort + (number * 2);
                options.GatewayPort = FirstPort + (number * 2) + 1;
            });
        });
        var silo = new InProcessSiloHandle(host) { Name = name, InstanceNumber = number };
        await silo.StartAsync(ct);
        lock (_gate)
        {
            _silos = [.. _silos, silo];
        }

        return silo;
    }

    public async Task StartClientAsync(CancellationToken ct)
    {
        ClientHost = buildClient(services =>
        {
            services.RemoveAll<IMembership>();
            services.AddSingleton<IMembership>(_membership);
            services.RemoveAll<InMemoryNetwork>();
            services.AddSingleton(_network);
            services.Configure<ClusterOptions>(
                options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId));
        });
        await ClientHost.StartAsync(ct);
    }

    public async Task StopClientAsync()
    {
        if (ClientHost is { } client)
        {
            ClientHost = null;
            await client.StopAsync();
            await Disposal.DisposeAsync(client);
        }
    }

    public async Task StopAsync(InProcessSiloHandle silo, bool gracefully)
    {
        lock (_gate)
        {
            _silos = [.. _silos.Where(s => !ReferenceEquals(s, silo))];
        }

        await silo.StopSiloAsync(gracefully);
        await Disposal.DisposeAsync(silo.SiloHost);
    }

    public async Task StopAllAsync()
    {
        await StopClientAsync();
        while (_silos is [.., var last])
        {
            await StopAsync(last, gracefully: true);
        }
    }

    /// <summary>
    /// Waits until every silo and the client know the newest view, and every silo has acknowledged it.
    /// </summary>
    public async Task SettleAsync()
    {
        var newest = _membership.Current;
        var holders = _silos.Select(s => s.Views).ToList();
        if (ClientHost is { } client)
        {
            holders.Add(client.Services.GetRequiredService<ViewHolder>());
        }

        foreach (var holder in holders)
        {
            await holder.WaitAsync(
                s => s.Current.Number >= newest.Current.Number
                    && s.Acknowledged.Values.All(v => v >= newest.Current.Number),
                CancellationToken.None);
        }
    }

    public GrainActivation? Find(GrainId id) =>
        _silos.SelectMany(s => s.Activations.Activations()).FirstOrDefault(a => a.GrainId == id && a.IsValid);

    public async Task DeactivateAsync(GrainId id)
    {
        if (Find(id) is { } activation)
        {
            activation.Deactivate(
                new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The test asked for it."));
            await activation.Deactivated;
        }
    }

    public Task WaitForDeactivationAsync(GrainId id) => Find(id)?.Deactivated ?? Task.CompletedTask;
}
