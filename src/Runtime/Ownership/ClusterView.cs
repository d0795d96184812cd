using System.Collections.Frozen;
using System.Collections.Immutable;
using Vault.Runtime.Activation;

namespace Vault.Runtime.Ownership;

/// <summary>A silo as the cluster knows it.</summary>
internal sealed class Member
{
    private readonly ulong _seed;
    private readonly FrozenSet<GrainType> _types;

    public Member(SiloAddress address, string name, int weight, IReadOnlyList<GrainAdvert> adverts)
    {
        (Address, Name, Weight, Adverts) = (address, name, weight, adverts);
        _types = adverts.Select(a => GrainType.Create(a.GrainType)).ToFrozenSet();
        _seed = Mix((ulong)(uint)address.GetConsistentHashCode() << 32 | (uint)address.Generation);
    }

    public SiloAddress Address { get; }

    public string Name { get; }

    /// <summary>Its share of grains relative to others'.</summary>
    public int Weight { get; }

    /// <summary>What it can activate.</summary>
    public IReadOnlyList<GrainAdvert> Adverts { get; }

    public bool Serves(GrainType type) => _types.Contains(type);

    /// <summary>Its draw for a grain: the highest owns it.</summary>
    public double Draw(uint grainHash)
    {
        // the top 53 bits, plus a half, as a number in (0, 1); −1/ln of it, times the weight, makes shares follow
        // weights
        var uniform = ((Mix(_seed ^ grainHash) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return -Weight / Math.Log(uniform);
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>Who owns grains, and who still leaves, as of one number. Every change makes the next one.</summary>
internal sealed class ClusterView(
    long number, ImmutableArray<Member> owners, ImmutableArray<Member> leavers, ImmutableArray<SiloAddress> retired)
{
    /// <summary>How many retired members are remembered.</summary>
    public const int MaxRetired = 64;

    public static ClusterView Empty { get; } = new(0, [], [], []);

    public long Number { get; } = number;

    /// <summary>Members that own grains.</summary>
    public ImmutableArray<Member> Owners { get; } = owners;

    /// <summary>Members that own nothing but have not yet said that they serve nothing.</summary>
    public ImmutableArray<Member> Leavers { get; } = leavers;

    /// <summary>Members that left in good order, the latest last.</summary>
    public ImmutableArray<SiloAddress> Retired { get; } = retired;

    public IEnumerable<Member> Members => Owners.Concat(Leavers);

    public IEnumerable<GrainAdvert> Adverts => Owners.SelectMany(m => m.Adverts);

    /// <summary>
    /// The silo that serves the grain, by weighted rendezvous hashing; null when none advertises its class.
    /// </summary>
    public SiloAddress? OwnerOf(GrainId id)
    {
        var owners = Owners.AsSpan();
        if (owners.Length == 1)
        {
            return owners[0].Serves(id.Type) ? owners[0].Address : null;
        }

        Member? best = null;
        var highest = double.NegativeInfinity;
        var hash = id.GetUniformHashCode();
        foreach (var member in owners)
        {
            if (member.Serves(id.Type) && member.Draw(hash) is var draw && draw > highest)
            {
                (best, highest) = (member, draw);
            }
        }

        return best?.Address;
    }

    public bool IsOwner(SiloAddress address)
    {
        foreach (var owner in Owners)
        {
            if (owner.Address.Equals(address))
            {
                return true;
            }
        }

        return false;
    }

    public bool Contains(SiloAddress address) => Members.Any(m => m.Address.Equals(address));
}

/// <summary>The current view, and what the view barrier needs to know of the ones before it.</summary>
/// <param name="Revision">Grows with every change of anything here.</param>
/// <param name="Views">From the lowest view that a live member has last acknowledged to the current one.</param>
/// <param name="Acknowledged">What each live member, owner or leaver, has last acknowledged.</param>
internal sealed record ClusterSnapshot(
    long Revision, ImmutableArray<ClusterView> Views, ImmutableDictionary<SiloAddress, long> Acknowledged)
{
    public static ClusterSnapshot Empty { get; } = new(
        0, [ClusterView.Empty], ImmutableDictionary<SiloAddress, long>.Empty);

    public ClusterView Current => Views[^1];

    /// <summary>
    /// The view barrier: a grain with the same owner in every view since the lowest acknowledged one is served without
    /// a pause; any other only when every live member has acknowledged the current view.
    /// </summary>
    public bool MayActivate(GrainId id, SiloAddress owner)
    {
        var lowest = long.MaxValue;
        foreach (var (_, view) in Acknowledged)
        {
            lowest = Math.Min(lowest, view);
        }

        if (lowest >= Current.Number)
        {
            return true;
        }

        foreach (var view in Views)
        {
            if (view.Number >= lowest && !owner.Equals(view.OwnerOf(id)))
            {
                return false;
            }
        }

        return true;
    }
}
