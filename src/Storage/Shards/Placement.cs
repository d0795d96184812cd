using System.Buffers.Binary;
using Vault.Protocol.Ids;
using Vault.Protocol.Placement;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>
/// Where the shards of one chunk go: at most one to a host, hosts in the order of the chunk's rendezvous.
/// </summary>
/// <remarks>docs/spec/shards.md, section 5.</remarks>
internal sealed class Placement(ShardClient shards, ShardNetwork network)
{
    /// <summary>One volume of each host that takes shards now, best first.</summary>
    /// <param name="objectId">The body.</param>
    /// <param name="chunk">The chunk in it.</param>
    /// <param name="localFirst">Begin with this process's own host.</param>
    public List<VolumePlace> Rank(ObjectId objectId, uint chunk, bool localFirst = false)
    {
        Span<byte> key = stackalloc byte[ObjectId.Size + 4];
        objectId.WriteTo(key);
        BinaryPrimitives.WriteUInt32BigEndian(key[ObjectId.Size..], chunk);
        Span<byte> node = stackalloc byte[16 + 4];
        var ranked = new List<(VolumePlace Place, ulong Distance, bool Local)>();
        foreach (var place in network.Map.Places)
        {
            if (!Takes(place)) continue;
            place.Node.Id.TryWriteBytes(node, bigEndian: true, out _);
            BinaryPrimitives.WriteUInt32BigEndian(node[16..], place.Volume.Number);
            ranked.Add((place, Rendezvous.Distance(key, node),
                localFirst && shards.Local(place.Volume.Number) is not null));
        }

        ranked.Sort(static (a, b) => a.Local != b.Local ? b.Local.CompareTo(a.Local)
            : Rendezvous.Precedes(a.Place.Volume.Weight, a.Distance, b.Place.Volume.Weight, b.Distance) ? -1
            : Rendezvous.Precedes(b.Place.Volume.Weight, b.Distance, a.Place.Volume.Weight, a.Distance) ? 1
            : a.Place.Volume.Number.CompareTo(b.Place.Volume.Number));
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        var places = new List<VolumePlace>();
        foreach (var (place, _, _) in ranked)
        {
            if (hosts.Add(place.Node.Host)) places.Add(place);
        }

        return places;
    }

    /// <summary>Hosts of the map on which nothing can be stored, as far as anybody knows.</summary>
    /// <param name="failed">Hosts that this write has just found to take nothing.</param>
    public int HostsDown(IReadOnlySet<string> failed)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var place in network.Map.Places)
        {
            if (Takes(place) && !failed.Contains(place.Node.Host)) hosts.Add(place.Node.Host);
        }

        return Math.Max(0, network.Hosts - hosts.Count);
    }

    /// <summary>Whether a volume can be read, as far as anybody knows.</summary>
    public bool Answers(uint volume) => shards.Local(volume) is not null
        || (network.Map.Find(volume) is { Volume.Lost: false, Node.Up: true } place
            && !network.Remote(place.Node).Suspect);

    private bool Takes(VolumePlace place)
    {
        if (place.Volume.Lost) return false;
        return shards.Local(place.Volume.Number) is { } local
            ? local.State == VolumeState.Open
            : place is { Volume.Writable: true, Node.Up: true } && !network.Remote(place.Node).Suspect;
    }
}
