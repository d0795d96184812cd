namespace Vault.Cluster.Tests.Kill;

/// <summary>A client that does one thing after the other until it is told to stop.</summary>
/// <param name="seed">Decides what it does.</param>
/// <param name="pace">Mean time from one begin to the next, over all clients.</param>
internal abstract class LoadClient(int seed, TimeSpan pace)
{
    private const int TicksAfterFailure = 5;

    /// <summary>Up to 4,096 bytes ride in the commit, more goes to the volumes.</summary>
    private static readonly int[] Sizes = [16, 100, 500, 1000, 2000, 4096, 4097, 20_000, 70_000];

    protected Random Random { get; } = new(seed);

    /// <summary>Works until stopped, at a rate of its own, and less often after a failure.</summary>
    public async Task RunAsync(CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(pace * (0.5 + Random.NextDouble()));
        try
        {
            while (true)
            {
                var ticks = await StepAsync() ? 1 : TicksAfterFailure;
                for (; ticks > 0; ticks--) await timer.WaitForNextTickAsync(stopped);
            }
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            // Told to stop, between two requests.
        }
    }

    /// <summary>One request, or a few that belong together; false when one failed.</summary>
    protected abstract Task<bool> StepAsync();

    protected int Size() => Random.Next(300) == 0 ? 1_200_000 : Sizes[Random.Next(Sizes.Length)];
}
