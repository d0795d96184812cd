namespace Vault.Runtime.Ownership;

/// <summary>
/// The membership tables. Each method is one transaction under READ COMMITTED; one that changes anything takes the row
/// of <c>cluster_state</c> first, so that revisions order all changes but renewals.
/// </summary>
/// <remarks>
/// After an exception the change may have happened or not: the caller reads again. Each change is conditional on what
/// it rests on, so that doing it again is harmless.
/// </remarks>
/// <exception cref="MembershipUnavailableException">The database failed, or did not answer in time.</exception>
internal interface IMembershipStore
{
    /// <summary>Reads everything in one statement.</summary>
    /// <param name="knownRevision">When it is still the revision, adverts may be left out.</param>
    /// <param name="ct">Gives up.</param>
    Task<StoredCluster> ReadAsync(long knownRevision, CancellationToken ct);

    /// <summary>
    /// Adds a silo with renewals 0, joined in and having acknowledged <see cref="ViewStep.To"/>.
    /// </summary>
    /// <param name="step">The view that it makes.</param>
    /// <param name="silo">The silo: its description is taken, its counters aren't.</param>
    /// <param name="previous">
    /// An earlier generation of the same silo, which serves nothing any more: gone from the same view if it is still
    /// there.
    /// </param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False when <see cref="ViewStep.From"/> isn't the current view any more.</returns>
    Task<bool> JoinAsync(ViewStep step, StoredSilo silo, SiloAddress? previous, CancellationToken ct);

    /// <summary>Counts one renewal, of a silo that is neither gone nor ended.</summary>
    /// <returns>The count; null when there is no such silo.</returns>
    Task<long?> RenewAsync(SiloAddress self, CancellationToken ct);

    /// <summary>Sets what a silo that isn't gone has acknowledged, and makes the next revision.</summary>
    /// <returns>False when it is gone, or had acknowledged as much.</returns>
    Task<bool> AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct);

    /// <summary>Makes an owner a leaver.</summary>
    /// <returns>False when the view is another, or it isn't an owner.</returns>
    Task<bool> LeaveAsync(ViewStep step, SiloAddress self, CancellationToken ct);

    /// <summary>Makes silos gone, all or none.</summary>
    /// <returns>False when the view is another, or a removal's condition does not hold.</returns>
    Task<bool> RemoveAsync(ViewStep step, IReadOnlyList<Removal> removals, CancellationToken ct);

    /// <summary>
    /// Says that a process has ended, and with it the lease of every silo in it, and makes the next revision. For the
    /// supervisor that has reaped it, and for the process itself once it serves nothing.
    /// </summary>
    /// <returns>How many silos there were.</returns>
    Task<int> EndLeaseAsync(string process, CancellationToken ct);
}
