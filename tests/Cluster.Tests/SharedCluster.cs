using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>One small cluster for the tests that leave it whole.</summary>
[CollectionDefinition(nameof(SharedCluster))]
public sealed class SharedCluster : IAsyncLifetime, ICollectionFixture<SharedCluster>
{
    public ClusterFixture Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Cluster = await ClusterFixture.StartAsync(new ClusterShape { Silos = 2 }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
