using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Nodes;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>The twins that a class shares.</summary>
public sealed class TwinFixture(Databases databases) : IAsyncLifetime
{
    internal TwinClusters Twins { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Twins = await TwinClusters.StartAsync(
        databases,
        services => services.Configure<NodeDirectoryOptions>(static o => o.AwayAfter = TimeSpan.FromSeconds(1)));

    public ValueTask DisposeAsync() => Twins.DisposeAsync();
}
