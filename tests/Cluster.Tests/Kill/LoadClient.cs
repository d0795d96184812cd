namespace Vault.Cluster.Tests.Kill;

/// <summary>A client that does one thing after the other until it is told to stop.</summary>
internal abstract class LoadClient(int seed, TimeSpan pace)
{
    /// <summary>Up to 4,096 bytes ride in the commit, more goes to the volumes.</summary>
    private static readonly int[] Sizes = [16, 100, 500, 1000, 2000, 4096, 4097, 20_000, 70_000];

    protected Random Random { get; } = new(seed);

    /// <summary>Works until stopped; waits a little between two requests, and a little more after a failure.</summary>
    public async Task RunAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            var succeeded = await StepAsync();
            var wait = pace * (succeeded ? 2 * Random.NextDouble() : 4 + 2 * Random.NextDouble());
            await Task.Delay(wait, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One request, or a few that belong together; false when one failed.</summary>
    protected abstract Task<bool> StepAsync();

    protected int Size() => Random.Next(300) == 0 ? 1_200_000 : Sizes[Random.Next(Sizes.Length)];
}
