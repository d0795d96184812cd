using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Asks processes whether they are ready.</summary>
internal static class ClusterHealth
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public static Uri Control(ClusterProcess process) => new($"http://{process.Address}:{process.ControlPort}");

    /// <summary>Whether <c>/readyz</c> says yes.</summary>
    public static async Task<bool> IsReadyAsync(ClusterProcess process, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(Control(process), "/readyz"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Waits until it is ready.</summary>
    /// <exception cref="SetupException">It ended; the message has the end of its log.</exception>
    public static async Task WaitAsync(
        ClusterProcess process, ClusterDirectory directory, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsReadyAsync(process, cancellationToken))
        {
            if (!Daemon.IsAlive(process))
            {
                throw new SetupException(
                    $"{process.Name} did not start; the end of {directory.LogOf(process.Name)}:\n"
                    + string.Join('\n', File.ReadLines(directory.LogOf(process.Name)).TakeLast(20)));
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
