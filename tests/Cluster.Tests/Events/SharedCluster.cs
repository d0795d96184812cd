using Vault.Testing;

namespace Vault.Cluster.Tests.Events;

/// <summary>One small cluster for the tests of a class that leave it whole.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    public ClusterFixture Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Cluster = await ClusterFixture.StartAsync(new ClusterShape { Silos = 2 }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
