namespace Vault.Runtime.Ownership;

/// <summary>Who is in the cluster. Behind this are memory (one process) or a database with leases.</summary>
internal interface IMembership
{
    /// <summary>The newest snapshot at once, then every newer one; steps may be skipped.</summary>
    IAsyncEnumerable<ClusterSnapshot> WatchAsync(CancellationToken ct);

    /// <summary>Joins; the member's first view counts as acknowledged.</summary>
    Task JoinAsync(Member self, CancellationToken ct);

    /// <summary>Says that the member serves nothing that it does not own in this view.</summary>
    Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct);

    /// <summary>
    /// Gives up all ownership; the member is gone when it has acknowledged a view in which it owns nothing.
    /// </summary>
    Task LeaveAsync(SiloAddress self, CancellationToken ct);

    /// <summary>The member's process has ended, or its lease has: it is gone from the next view.</summary>
    Task RemoveAsync(SiloAddress member, CancellationToken ct);
}
