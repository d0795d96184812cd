using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>One small cluster for the tests that leave it whole.</summary>
[CollectionDefinition(nameof(SharedCluster))]
public sealed class SharedCluster : IAsyncLifetime, ICollectionFixture<SharedCluster>
{
    internal static readonly ClusterShape Shape = new()
    {
        Silos = 2, Settings = new Dictionary<string, string> { ["Vault__Dashboard"] = "true" },
    };

    public ClusterFixture Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Cluster = await ClusterFixture.StartAsync(Shape, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
