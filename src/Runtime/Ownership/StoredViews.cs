using System.Collections.Immutable;

namespace Vault.Runtime.Ownership;

/// <summary>What this process has read of the membership tables, and whether a reading contradicts it.</summary>
internal sealed class StoredViews
{
    private readonly Dictionary<SiloAddress, Member> _members = [];
    private StoredCluster? _last;

    /// <summary>The highest view number ever read.</summary>
    public long HighestView { get; private set; } = -1;

    /// <summary>The highest revision ever read.</summary>
    public long HighestRevision { get; private set; } = -1;

    /// <summary>The revision of which everything is known.</summary>
    public long KnownRevision => _last?.Revision ?? -1;

    /// <summary>
    /// Whether the database has lost something that was read of it: it was restored, or a standby took over that was
    /// behind.
    /// </summary>
    public bool Contradicts(StoredCluster cluster) =>
        _last is { } last
        && (cluster.System != last.System
            || cluster.Revision < last.Revision
            || cluster.Current.Number < last.Current.Number
            || (last.Current.Number >= cluster.Views[0].Number && !cluster.Views.Contains(last.Current)));

    /// <summary>Takes a reading; the snapshot that it is, or null when it leaves out what isn't known.</summary>
    public ClusterSnapshot? Take(StoredCluster cluster)
    {
        foreach (var silo in cluster.Silos)
        {
            if (silo.Adverts is { } adverts)
            {
                _members[silo.Address] = new Member(silo.Address, silo.Name, silo.Weight, adverts);
            }
            else if (!_members.ContainsKey(silo.Address))
            {
                _last = null;
                return null;
            }
        }

        foreach (var gone in _members.Keys.Except(cluster.Silos.Select(s => s.Address)).ToList())
        {
            _members.Remove(gone);
        }

        _last = cluster;
        HighestView = Math.Max(HighestView, cluster.Current.Number);
        HighestRevision = Math.Max(HighestRevision, cluster.Revision);
        return Snapshot(cluster);
    }

    /// <summary>The view after the one that was read; its numbers are above all that were ever read.</summary>
    public ViewStep Next(StoredCluster cluster, Random random) => new(
        cluster.Current.Number, Math.Max(cluster.Current.Number, HighestView) + 1, random.NextInt64(),
        HighestRevision + 1);

    private ClusterSnapshot Snapshot(StoredCluster cluster)
    {
        ImmutableArray<SiloAddress> retired =
        [
            .. cluster.Silos.Where(s => s.Retired).OrderBy(s => s.Gone).ThenBy(s => s.Address)
                .TakeLast(ClusterView.MaxRetired).Select(s => s.Address),
        ];
        var lowest = cluster.Silos.Where(s => s.Gone is null).Select(s => s.Acknowledged)
            .Append(cluster.Current.Number).Min();
        return new ClusterSnapshot(
            cluster.Revision,
            [.. cluster.Views.Where(v => v.Number >= lowest).Select(v => View(cluster, v.Number, retired))],
            cluster.Silos.Where(s => s.Gone is null).ToImmutableDictionary(s => s.Address, s => s.Acknowledged));
    }

    private ClusterView View(StoredCluster cluster, long number, ImmutableArray<SiloAddress> retired)
    {
        var members = cluster.Silos.Where(s => s.Joined <= number && !(s.Gone <= number))
            .ToLookup(s => s.Leaving <= number, s => _members[s.Address]);
        return new ClusterView(number, [.. members[false]], [.. members[true]], retired);
    }
}
