using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>What a load balancer does: asks each gateway whether it is ready, ten times a second.</summary>
internal sealed class ReadyBalancer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly bool[] _ready;
    private readonly IReadOnlyList<string> _names;
    private readonly CancellationTokenSource[] _givingUp;
    private readonly Task _watch;
    private volatile int _left = -1;
    private int _turn;

    public ReadyBalancer(ClusterFixture cluster)
    {
        _names = [.. cluster.Gateways.Select(static g => g.Name)];
        _givingUp = [.. _names.Select(static _ => new CancellationTokenSource())];
        _ready = [.. cluster.Gateways.Select(static _ => true)];
        _watch = Task.WhenAll(cluster.Gateways.Select((g, n) => WatchAsync(cluster, g.Name, n)));
    }

    /// <summary>The next gateway that was ready.</summary>
    public int Next()
    {
        for (var tries = 0; ; tries++)
        {
            var next = (Interlocked.Increment(ref _turn) & 0x7fffffff) % _ready.Length;
            if (next != _left && (Volatile.Read(ref _ready[next]) || tries >= _ready.Length)) return next;
        }
    }

    /// <summary>
    /// Sends nothing to a process from here on and gives up what was sent to it, as if it had been seen to end at once;
    /// null: sends to all.
    /// </summary>
    public void Leave(string? name)
    {
        _left = name is null ? -1 : _names.ToList().IndexOf(name);
        if (_left >= 0) Interlocked.Exchange(ref _givingUp[_left], new CancellationTokenSource()).Cancel();
    }

    /// <summary>Ends when what was sent to a gateway is given up.</summary>
    public CancellationToken Left(int gateway) => Volatile.Read(ref _givingUp[gateway]).Token;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watch;
        _stopping.Dispose();
        foreach (var source in _givingUp) source.Dispose();
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
