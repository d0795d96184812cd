namespace Vault.Runtime.Ownership;

/// <summary>Who is in the cluster. Behind this are memory (one process) or a database with leases.</summary>
internal interface IMembership
{
    /// <summary>
    /// The silo that joined here has lost its part in the cluster, for the reason given; its lease is over. It may join
    /// again as a new generation.
    /// </summary>
    event Action<string>? Lost;

    /// <summary>The newest snapshot at once, then every newer one; steps may be skipped.</summary>
    IAsyncEnumerable<ClusterSnapshot> WatchAsync(CancellationToken ct);

    /// <summary>Waits until joining could succeed.</summary>
    Task WaitUntilReachableAsync(CancellationToken ct);

    /// <summary>
    /// Joins; the member's first view counts as acknowledged. One that was removed before it knew that it had joined is
    /// <see cref="Lost"/>.
    /// </summary>
    Task JoinAsync(Member self, CancellationToken ct);

    /// <summary>Says that the member serves nothing that it does not own in this view.</summary>
    Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct);

    /// <summary>
    /// Gives up all ownership; the member is gone when it has acknowledged a view in which it owns nothing.
    /// </summary>
    Task LeaveAsync(SiloAddress self, CancellationToken ct);

    /// <summary>The member's process has ended, or its lease has: it is gone from the next view.</summary>
    Task RemoveAsync(SiloAddress member, CancellationToken ct);

    /// <summary>A connection to a member broke: something may have changed. Never more than a hint.</summary>
    void Suspect();

    /// <summary>This process takes no part any more: it renews nothing and follows nothing.</summary>
    Task StopAsync();
}
