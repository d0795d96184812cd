using System.Diagnostics;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Asks processes whether they are ready.</summary>
internal static class ClusterHealth
{
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public static Uri Control(ClusterProcess process) => new($"http://{process.Address}:{process.ControlPort}");

    /// <summary>Whether <c>/readyz</c> says yes.</summary>
    public static async Task<bool> IsReadyAsync(ClusterProcess process, CancellationToken cancellationToken) =>
        await AskAsync(process, cancellationToken) is { IsReady: true };

    private static async Task<(bool IsReady, string Says)?> AskAsync(
        ClusterProcess process, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(Control(process), "/readyz"), cancellationToken);
            return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Waits until it is ready; after a while, and from then on now and again, says for what.</summary>
    /// <exception cref="SetupException">It ended; the message has the end of its log.</exception>
    public static async Task WaitAsync(
        ClusterProcess process, ClusterDirectory directory, CancellationToken cancellationToken)
    {
        var log = directory.LogOf(process.Name);
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await AskAsync(process, cancellationToken) is var answer && answer is not { IsReady: true })
        {
            if (!Daemon.IsAlive(process))
            {
                throw new SetupException(
                    File.Exists(log)
                        ? $"{process.Name} did not start; the end of {log}:\n" + string.Join('\n', Ending(log))
                        : $"{process.Name} did not start and its log is gone: another command took the cluster down");
            }

            if (clock.Elapsed > Notice)
            {
                clock.Restart();
                Console.Error.WriteLine(
                    $"{process.Name} is not ready yet: {answer?.Says ?? "it does not answer"}; its log is {log}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The last lines, without those that report nothing wrong.</summary>
    private static IEnumerable<string> Ending(string log) => File.ReadLines(log)
        .Where(static line => !line.Contains("\"LogLevel\":\"Information\"", StringComparison.Ordinal)).TakeLast(10);
}
