using System.Collections.Immutable;
using Vault.Runtime.Activation;

namespace Vault.Runtime.Ownership;

/// <summary>All of the membership tables as one statement saw them.</summary>
/// <param name="System">Names the database server's data; another one means another history.</param>
/// <param name="Revision">Grows with every change but renewals.</param>
/// <param name="Views">
/// By number, the last is the current one: from the lowest view that a live member has acknowledged, at least.
/// </param>
/// <param name="Silos">
/// Live ones, and gone ones while one of the views needs them or, having left in order, while they are among the last.
/// </param>
internal sealed record StoredCluster(
    string System, long Revision, ImmutableArray<StoredView> Views, ImmutableArray<StoredSilo> Silos)
{
    public StoredView Current => Views[^1];
}

/// <param name="Number">Never used twice; numbers may be skipped.</param>
/// <param name="Stamp">
/// Random: when a number comes back with another stamp, the database has lost views that it had.
/// </param>
internal readonly record struct StoredView(long Number, long Stamp);

/// <summary>One row of <c>silo</c>: one generation of a silo.</summary>
internal sealed record StoredSilo
{
    public required SiloAddress Address { get; init; }

    public required string Name { get; init; }

    /// <summary>A random name of its process, by which a supervisor can end its lease.</summary>
    public required string Process { get; init; }

    public required int Weight { get; init; }

    /// <summary>What it can activate; null when left out because it was known.</summary>
    public required IReadOnlyList<GrainAdvert>? Adverts { get; init; }

    /// <summary>The first view in which it is an owner.</summary>
    public long Joined { get; init; }

    /// <summary>The first view in which it is a leaver.</summary>
    public long? Leaving { get; init; }

    /// <summary>The first view without it.</summary>
    public long? Gone { get; init; }

    /// <summary>It is gone and left in good order.</summary>
    public bool Retired { get; init; }

    /// <summary>Its process is known to have ended.</summary>
    public bool Ended { get; init; }

    public long Renewals { get; init; }

    /// <summary>The view that it has last acknowledged.</summary>
    public long Acknowledged { get; init; }
}

/// <summary>The view that a change makes out of another.</summary>
/// <param name="From">The view that must still be the current one.</param>
/// <param name="To">Its number; above <paramref name="From"/>, by more than one after the database went back.</param>
/// <param name="Stamp">Its random stamp.</param>
/// <param name="Revision">The new revision is at least this, and above the one before.</param>
internal readonly record struct ViewStep(long From, long To, long Stamp, long Revision);

/// <summary>A silo to remove, and what must hold for it.</summary>
internal readonly record struct Removal(SiloAddress Silo, RemovalCondition Condition, long Renewals);

internal enum RemovalCondition
{
    /// <summary>Its renewals are still as many as given: its lease has ended.</summary>
    Unchanged,

    /// <summary>Its process is marked as ended.</summary>
    Ended,

    /// <summary>It leaves, and has acknowledged a view in which it is a leaver; it retires.</summary>
    Left,
}
