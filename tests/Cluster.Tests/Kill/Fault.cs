namespace Vault.Cluster.Tests.Kill;

/// <summary>What can be done to a process or a connection.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL; started again at once.</summary>
    Kill,

    /// <summary>SIGSTOP for longer than a lease, then SIGCONT.</summary>
    Pause,

    /// <summary>SIGTERM; started again once it has ended.</summary>
    Terminate,

    /// <summary>No bytes to or from the victim for a while.</summary>
    Partition,

    /// <summary>PostgreSQL is stopped and started.</summary>
    Database,

    /// <summary>Redis is stopped and started.</summary>
    Redis,
}

/// <summary>Something that can befall somebody.</summary>
internal sealed record Fault(FaultKind Kind, string Victim);
