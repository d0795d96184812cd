using System.Diagnostics;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>
/// One cluster of the usual shape for tests that do to it what they like and leave it whole: each takes it and, at the
/// end, gives it back. One that was not given back, or is not of the topology asked for, makes room for a new one.
/// </summary>
[CollectionDefinition(nameof(FaultCluster), DisableParallelization = true)]
public sealed class FaultCluster : IAsyncDisposable, ICollectionFixture<FaultCluster>
{
    private ClusterFixture? _cluster;
    private bool _alike;
    private bool _isWhole;

    /// <summary>How long the cluster took to be ready.</summary>
    public TimeSpan Start { get; private set; }

    public async Task<ClusterFixture> TakeAsync(bool alike, CancellationToken ct)
    {
        if (_cluster is null || !_isWhole || _alike != alike)
        {
            await DisposeAsync();
            var clock = Stopwatch.StartNew();
            _cluster = await ClusterFixture.StartAsync(new ClusterShape { Namespaces = Environment.IsPrivilegedProcess, Alike = alike }, ct);
            Start = clock.Elapsed;
        }

        (_alike, _isWhole) = (alike, false);
        return _cluster;
    }

    /// <summary>Waits until every process is ready.</summary>
    public async Task GiveBackAsync(CancellationToken ct)
    {
        foreach (var process in _cluster!.Silos.Concat(_cluster.Gateways))
            await Metrics.UntilAsync(() => _cluster.IsReadyAsync(process.Name, ct), ct);
        _isWhole = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            await cluster.DisposeAsync();
        }
    }
}
