using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>The system under the load: where it is reached, what can befall it, and what it leaves on disk.</summary>
internal abstract class KillTarget : IAsyncDisposable
{
    /// <summary>One client for each gateway.</summary>
    public abstract IReadOnlyList<S3TestClient> Gateways { get; }

    /// <summary>Everything that can befall it.</summary>
    public abstract IReadOnlyList<Fault> Faults { get; }

    /// <summary>Connection string of its database.</summary>
    public abstract string DatabaseUrl { get; }

    /// <summary>
    /// Lets a fault happen and lasts until it is over: healed, or the victim is ready again.
    /// </summary>
    public abstract Task StrikeAsync(Fault fault, TimeSpan hold, CancellationToken ct);

    /// <summary>Starts everything again with further settings; nobody uses it meanwhile.</summary>
    public abstract Task RestartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct);

    /// <summary>Ends all processes but the database in good order.</summary>
    /// <returns>Directories of the volumes.</returns>
    public abstract Task<IReadOnlyList<string>> StopAsync(CancellationToken ct);

    /// <summary>Everything that the processes logged.</summary>
    public abstract string Log { get; }

    public abstract ValueTask DisposeAsync();
}
