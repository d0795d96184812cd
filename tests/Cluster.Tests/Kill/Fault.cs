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
/// <param name="Kind">What.</param>
/// <param name="Victim">Whom: the name of a process or a connection.</param>
/// <param name="Part">The part of the system that it makes smaller; of each, one fault at a time can be borne.</param>
internal sealed record Fault(FaultKind Kind, string Victim, string Part);
