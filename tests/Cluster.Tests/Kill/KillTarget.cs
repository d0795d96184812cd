using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>The system under the load: where it is reached, what can befall it, and what it leaves on disk.</summary>
internal abstract class KillTarget : IAsyncDisposable
{
    private const int LogTail = 6000;
    private const int LinesOfAnError = 12;

    /// <summary>One client for each gateway.</summary>
    public abstract IReadOnlyList<S3TestClient> Gateways { get; }

    /// <summary>Everything that can befall it.</summary>
    public abstract IReadOnlyList<Fault> Faults { get; }

    /// <summary>Connection string of its database.</summary>
    public abstract string DatabaseUrl { get; }

    /// <summary>
    /// Lets a fault happen and lasts until it is over: healed, or the victim is ready again.
    /// </summary>
    /// <param name="fault">What befalls whom.</param>
    /// <param name="other">Takes the other way where there are two: how it is killed, how far a partition goes.</param>
    /// <param name="hold">Lasts as long as the victim shall be away.</param>
    /// <param name="ct">Gives up.</param>
    public abstract Task StrikeAsync(Fault fault, bool other, Func<Task> hold, CancellationToken ct);

    /// <summary>Starts everything again with further settings; nobody uses it meanwhile.</summary>
    public abstract Task RestartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct);

    /// <summary>Ends all processes but the database in good order.</summary>
    /// <returns>Directories of the volumes.</returns>
    public abstract Task<IReadOnlyList<string>> StopAsync(CancellationToken ct);

    /// <summary>What each process logged.</summary>
    public abstract IEnumerable<(string Process, string Text)> Logs { get; }

    /// <summary>The end of each log.</summary>
    public string Log => string.Concat(Logs.Select(
        log => $"\n--- {log.Process}\n{log.Text[^Math.Min(log.Text.Length, LogTail)..]}"));

    /// <summary>What the processes logged of requests that they answered with an error of theirs.</summary>
    public string InternalErrors => string.Join('\n', Logs.SelectMany(log =>
    {
        var lines = log.Text.Split('\n');
        return Enumerable.Range(0, lines.Length)
            .Where(n => lines[n].Contains("ended in InternalError", StringComparison.Ordinal))
            .SelectMany(n => lines.Skip(n).Take(LinesOfAnError).Prepend($"--- {log.Process}"));
    }));

    public abstract ValueTask DisposeAsync();
}
