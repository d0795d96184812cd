using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Vault.Runtime.Hosting;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Tests.Support;

/// <summary>Silos and clients that talk over TCP on loopback; who is a member is known in memory.</summary>
internal sealed class TcpCluster(Action<IServiceCollection>? services = null) : IAsyncDisposable
{
    public const string Secret = "a secret of sixteen bytes or more";
    private readonly InMemoryMembership _membership = new();
    private readonly List<IHost> _clients = [];
    private int _generation;

    public List<IHost> Silos { get; } = [];

    public ClusterView View => _membership.Current.Current;

    public IReadOnlyList<string> Seeds => [.. Silos.Select(s => AddressOf(s).Endpoint.ToString())];

    public static SiloAddress AddressOf(IHost silo) =>
        silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public static async Task<TcpCluster> StartAsync(
        int silos, Action<TransportOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var cluster = new TcpCluster(services);
        for (var i = 0; i < silos; i++)
        {
            await cluster.StartSiloAsync(configure);
        }

        return cluster;
    }

    public async Task<IHost> StartSiloAsync(Action<TransportOptions>? configure = null, int port = 0, int behind = 0)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        services?.Invoke(builder.Services);
        builder.UseOrleans(silo =>
        {
            silo.Services.AddSingleton<IMembership>(_membership);
            silo.Services.AddSingleton(new SiloGeneration(Interlocked.Increment(ref _generation)));
            silo.Services.Configure<EndpointOptions>(o => o.SiloPort = port);
            if (behind != 0)
            {
                silo.Services.Configure<EndpointOptions>(o =>
                {
                    o.SiloPort = behind;
                    o.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, 0);
                });
            }

            silo.Services.AddSingleton<Probe>();
            silo.AddMemoryGrainStorageAsDefault();
            silo.UseTcpTransport(Configure(configure));
        });
        builder.Services.RemoveAll<IMembership>();
        builder.Services.AddSingleton<IMembership>(_membership);
        var host = builder.Build();
        await host.StartAsync();
        Silos.Add(host);
        return host;
    }

    public async Task<IHost> StartClientAsync(
        IReadOnlyList<string>? seeds = null, Action<TransportOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        services?.Invoke(builder.Services);
        builder.UseOrleansClient(client => client.UseTcpTransport(seeds ?? Seeds, Configure(configure)));
        var host = builder.Build();
        _clients.Add(host);
        await host.StartAsync();
        return host;
    }

    /// <summary>Ends a silo as if its process had died; the others learn it.</summary>
    public async Task KillAsync(IHost silo)
    {
        Silos.Remove(silo);
        var address = AddressOf(silo);
        await silo.Services.GetRequiredService<SiloService>().KillAsync();
        await _membership.RemoveAsync(address, CancellationToken.None);
        silo.Dispose();
    }

    /// <summary>Ends a silo as if its process had died; the others do not learn it.</summary>
    public async Task LoseAsync(IHost silo)
    {
        Silos.Remove(silo);
        await silo.Services.GetRequiredService<SiloService>().KillAsync();
        silo.Dispose();
    }

    /// <summary>The silo's lease has ended; nobody has noticed yet.</summary>
    public static void EndLease(IHost silo) => silo.Services.GetRequiredService<LocalNode>().Lease.End();

    /// <summary>The silo is no member any more, and becomes one again as a new generation.</summary>
    public async Task RejoinAsync(IHost silo)
    {
        var before = AddressOf(silo);
        var member = View.Owners.Single(m => m.Address.Equals(before));
        await _membership.RemoveAsync(before, CancellationToken.None);
        var next = SiloAddress.New(before.Endpoint, Interlocked.Increment(ref _generation));
        await silo.Services.GetRequiredService<RemoteCalls>().ReopenAsync(next);
        await _membership.JoinAsync(
            new Member(next, member.Name, member.Weight, member.Adverts), CancellationToken.None);
    }

    public Task RemoveAsync(IHost silo) => _membership.RemoveAsync(AddressOf(silo), CancellationToken.None);

    public async Task StopAsync(IHost silo)
    {
        Silos.Remove(silo);
        await silo.StopAsync();
        silo.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.StopAsync();
            client.Dispose();
        }

        while (Silos is [.., var last])
        {
            await StopAsync(last);
        }
    }

    private static Action<TransportOptions> Configure(Action<TransportOptions>? configure) => options =>
    {
        options.ClusterSecret = Secret;
        configure?.Invoke(options);
    };
}
