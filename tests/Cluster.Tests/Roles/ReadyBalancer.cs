using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>What a load balancer does: asks each gateway whether it is ready, ten times a second.</summary>
internal sealed class ReadyBalancer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly bool[] _ready;
    private readonly Task _watch;
    private int _turn;

    public ReadyBalancer(ClusterFixture cluster)
    {
        _ready = [.. cluster.Gateways.Select(static _ => true)];
        _watch = Task.WhenAll(cluster.Gateways.Select((g, n) => WatchAsync(cluster, g.Name, n)));
    }

    /// <summary>The next gateway that was ready.</summary>
    public int Next()
    {
        for (var tries = 0; ; tries++)
        {
            var next = (Interlocked.Increment(ref _turn) & 0x7fffffff) % _ready.Length;
            if (Volatile.Read(ref _ready[next]) || tries >= _ready.Length) return next;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watch;
        _stopping.Dispose();
    }

    private async Task WatchAsync(ClusterFixture cluster, string name, int number)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                Volatile.Write(ref _ready[number], await cluster.IsReadyAsync(name, _stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
