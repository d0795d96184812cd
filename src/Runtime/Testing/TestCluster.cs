using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Testing;

namespace Orleans.TestingHost;

/// <summary>Silos and a client in one process that talk by messages.</summary>
public class TestCluster : IDisposable, IAsyncDisposable
{
    private readonly ClusterHarness _harness;

    internal TestCluster(TestClusterOptions options, IConfiguration configuration)
    {
        Options = options;
        _harness = new ClusterHarness(
            options.ClusterId,
            options.ServiceId,
            (_, add) => BuildSilo(configuration, add),
            add => BuildClient(configuration, add));
    }

    /// <summary>The first silo.</summary>
    public SiloHandle? Primary => _harness.Silos.FirstOrDefault(s => s.InstanceNumber == 0);

    /// <summary>The other silos.</summary>
    public IReadOnlyList<SiloHandle> SecondarySilos => [.. _harness.Silos.Where(s => s.InstanceNumber != 0)];

    /// <summary>All silos that run.</summary>
    public ReadOnlyCollection<SiloHandle> Silos => [.. _harness.Silos];

    /// <summary>How it was built.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>The client.</summary>
    public IClusterClient Client => ServiceProvider.GetRequiredService<IClusterClient>();

    /// <summary>The client's factory.</summary>
    public IGrainFactory GrainFactory => Client;

    /// <summary>The client's services.</summary>
    public IServiceProvider ServiceProvider =>
        _harness.ClientHost?.Services ?? throw new InvalidOperationException("The client isn't started.");

    /// <summary>Starts it.</summary>
    public void Deploy() => DeployAsync().GetAwaiter().GetResult();

    /// <summary>Starts it.</summary>
    public async Task DeployAsync()
    {
        for (var i = 0; i < Options.InitialSilosCount; i++)
        {
            await _harness.StartSiloAsync(CancellationToken.None);
        }

        if (Options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync();
        }

        await _harness.SettleAsync();
    }

    /// <summary>The services of a silo; of the first when none is given.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        ((InProcessSiloHandle)(silo is null ? Silos[0] : GetSiloForAddress(silo)!)).ServiceProvider;

    /// <summary>Starts one more silo.</summary>
    public SiloHandle StartAdditionalSilo(bool startAdditionalSiloOnNewPort = false) =>
        StartAdditionalSiloAsync(startAdditionalSiloOnNewPort).GetAwaiter().GetResult();

    /// <summary>Starts one more silo.</summary>
    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false) =>
        await _harness.StartSiloAsync(CancellationToken.None);

    /// <summary>Starts more silos.</summary>
    public async Task<List<SiloHandle>> StartAdditionalSilosAsync(
        int silosToStart, bool startAdditionalSiloOnNewPort = false)
    {
        var started = new List<SiloHandle>();
        for (var i = 0; i < silosToStart; i++)
        {
            started.Add(await StartAdditionalSiloAsync(startAdditionalSiloOnNewPort));
        }

        return started;
    }

    /// <summary>Stops a silo.</summary>
    public Task StopSiloAsync(SiloHandle instance) =>
        _harness.StopAsync((InProcessSiloHandle)instance, gracefully: true);

    /// <summary>Ends a silo as if its process had died.</summary>
    public Task KillSiloAsync(SiloHandle instance) =>
        _harness.StopAsync((InProcessSiloHandle)instance, gracefully: false);

    /// <summary>Stops a silo and starts it again.</summary>
    public async Task<SiloHandle?> RestartSiloAsync(SiloHandle instance)
    {
        await StopSiloAsync(instance);
        return await _harness.StartSiloAsync(CancellationToken.None, (InProcessSiloHandle)instance);
    }

    /// <summary>Stops all silos and the client.</summary>
    public void StopAllSilos() => StopAllSilosAsync().GetAwaiter().GetResult();

    /// <summary>Stops all silos and the client.</summary>
    public Task StopAllSilosAsync() => _harness.StopAllAsync();

    /// <summary>Stops the first silo.</summary>
    public Task StopPrimarySiloAsync() =>
        StopSiloAsync(Primary ?? throw new InvalidOperationException("The primary silo doesn't run."));

    /// <summary>Stops the other silos.</summary>
    public async Task StopSecondarySilosAsync()
    {
        foreach (var silo in SecondarySilos)
        {
            await StopSiloAsync(silo);
        }
    }

    /// <summary>Stops the client.</summary>
    public Task StopClusterClientAsync() => _harness.StopClientAsync();

    /// <summary>Ends the client.</summary>
    public Task KillClientAsync() => _harness.StopClientAsync();

    /// <summary>Starts the client.</summary>
    public Task InitializeClientAsync() => _harness.StartClientAsync(CancellationToken.None);

    /// <summary>Waits until all agree on who is in the cluster.</summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => _harness.SettleAsync();

    /// <summary>Ends a grain's activation.</summary>
    public Task DeactivateAsync(GrainId grainId) => _harness.DeactivateAsync(grainId);

    /// <summary>Ends a grain's activation.</summary>
    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    /// <summary>Waits until a grain's activation has ended.</summary>
    public Task WaitForDeactivationAsync(GrainId grainId) => _harness.WaitForDeactivationAsync(grainId);

    /// <summary>Waits until a grain's activation has ended.</summary>
    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    /// <summary>The activation of a grain, if it has one.</summary>
    public bool TryGetGrainContext(GrainId grainId, [NotNullWhen(true)] out IGrainContext? grainContext)
    {
        grainContext = _harness.Find(grainId);
        return grainContext is not null;
    }

    /// <summary>All silos that run.</summary>
    public IEnumerable<SiloHandle> GetActiveSilos() => Silos;

    /// <summary>The silo at an address.</summary>
    public SiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        Silos.FirstOrDefault(s => s.SiloAddress.Equals(siloAddress));

    /// <inheritdoc/>
    public void Dispose()
    {
        StopAllSilos();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        GC.SuppressFinalize(this);
    }

    private IHost BuildSilo(IConfiguration configuration, Action<IServiceCollection> add)
    {
        var builder = new HostBuilder();
        builder.ConfigureHostConfiguration(host => host.AddConfiguration(configuration));
        builder.UseOrleans(silo =>
        {
            foreach (var type in Options.SiloBuilderConfiguratorTypes)
            {
                (Activator.CreateInstance(Type.GetType(type, throwOnError: true)!) as ISiloConfigurator)
                    ?.Configure(silo);
            }
        });
        ConfigureHost(builder, Options.SiloBuilderConfiguratorTypes);
        return builder.ConfigureServices(add).Build();
    }

    private IHost BuildClient(IConfiguration configuration, Action<IServiceCollection> add)
    {
        var builder = new HostBuilder();
        builder.ConfigureHostConfiguration(host => host.AddConfiguration(configuration));
        builder.UseOrleansClient((context, client) =>
        {
            foreach (var type in Options.ClientBuilderConfiguratorTypes)
            {
                (Activator.CreateInstance(Type.GetType(type, throwOnError: true)!) as IClientBuilderConfigurator)
                    ?.Configure(context.Configuration, client);
            }
        });
        ConfigureHost(builder, Options.ClientBuilderConfiguratorTypes);
        return builder.ConfigureServices(add).Build();
    }

    private static void ConfigureHost(IHostBuilder builder, IEnumerable<string> types)
    {
        foreach (var type in types)
        {
            (Activator.CreateInstance(Type.GetType(type, throwOnError: true)!) as IHostConfigurator)
                ?.Configure(builder);
        }
    }
}
