using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Testing;

namespace Orleans.TestingHost;

/// <summary>Silos and a client in one process that talk by messages, configured by delegates.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly ClusterHarness _harness;

    internal InProcessTestCluster(InProcessTestClusterOptions options)
    {
        Options = options;
        _harness = new ClusterHarness(options.ClusterId, options.ServiceId, BuildSilo, BuildClient);
    }

    /// <summary>All silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => [.. _harness.Silos];

    /// <summary>How it was built.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The client.</summary>
    public IClusterClient Client =>
        (_harness.ClientHost ?? throw new InvalidOperationException("The client isn't started.")).Services
            .GetRequiredService<IClusterClient>();

    /// <summary>Starts it.</summary>
    public Task DeployAsync() => DeployAsync(CancellationToken.None);

    /// <summary>Starts it.</summary>
    public async Task DeployAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Options.InitialSilosCount; i++)
        {
            await _harness.StartSiloAsync(cancellationToken);
        }

        if (Options.InitializeClientOnDeploy)
        {
            await _harness.StartClientAsync(cancellationToken);
        }

        await _harness.SettleAsync();
    }

    /// <summary>The services of a silo; of the first when none is given.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silo is null ? Silos[0] : GetSiloForAddress(silo)!).ServiceProvider;

    /// <summary>Starts one more silo.</summary>
    public InProcessSiloHandle StartAdditionalSilo() => StartAdditionalSiloAsync().GetAwaiter().GetResult();

    /// <summary>Starts one more silo.</summary>
    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => _harness.StartSiloAsync(CancellationToken.None);

    /// <summary>Stops a silo.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => _harness.StopAsync(instance, gracefully: true);

    /// <summary>Ends a silo as if its process had died.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => _harness.StopAsync(instance, gracefully: false);

    /// <summary>Stops a silo and starts it again.</summary>
    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        await StopSiloAsync(instance);
        return await _harness.StartSiloAsync(CancellationToken.None, instance);
    }

    /// <summary>Ends the client.</summary>
    public Task KillClientAsync() => _harness.StopClientAsync();

    /// <summary>Stops the client.</summary>
    public Task StopClusterClientAsync() => _harness.StopClientAsync();

    /// <summary>Starts the client.</summary>
    public Task InitializeClientAsync() => _harness.StartClientAsync(CancellationToken.None);

    /// <summary>Stops all silos and the client.</summary>
    public void StopAllSilos() => StopAllSilosAsync().GetAwaiter().GetResult();

    /// <summary>Stops all silos and the client.</summary>
    public Task StopAllSilosAsync() => _harness.StopAllAsync();

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
    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos;

    /// <summary>The silo at an address.</summary>
    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        Silos.FirstOrDefault(s => s.SiloAddress.Equals(siloAddress));

    /// <inheritdoc/>
    public void Dispose() => StopAllSilos();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    private IHost BuildSilo(string name, Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var specific = new InProcessTestSiloSpecificOptions { SiloName = name };
        builder.UseOrleans();
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(specific, builder);
        }

        add(builder.Services);
        return builder.Build();
    }

    private IHost BuildClient(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient();
        foreach (var configure in Options.ClientHostConfigurationDelegates)
        {
            configure(builder);
        }

        add(builder.Services);
        return builder.Build();
    }
}
