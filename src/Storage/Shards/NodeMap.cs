using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vault.Storage.Shards;

/// <summary>
/// All nodes at one moment; immutable. An epoch names it: a map with another epoch may say otherwise.
/// </summary>
public sealed class NodeMap
{
    private readonly FrozenDictionary<uint, VolumePlace> _places;

    /// <summary>A map of these nodes.</summary>
    public NodeMap(long epoch, ImmutableArray<ShardNode> nodes)
    {
        var places = new Dictionary<uint, VolumePlace>();
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var volume in node.Volumes)
            {
                places[volume.Number] = new VolumePlace(node, volume);
                known.Add(node.Host);
                if (!volume.Lost) hosts.Add(node.Host);
            }
        }

        (Epoch, Nodes, Hosts, KnownHosts) = (epoch, nodes, hosts.Count, known.Count);
        _places = places.ToFrozenDictionary();
    }

    /// <summary>Before the directory was heard of.</summary>
    public static NodeMap Empty { get; } = new(0, []);

    /// <summary>Names this map.</summary>
    public long Epoch { get; }

    /// <summary>The nodes.</summary>
    public ImmutableArray<ShardNode> Nodes { get; }

    /// <summary>How many hosts have a volume that is not lost, away ones too: picks the profile.</summary>
    public int Hosts { get; }

    /// <summary>How many hosts have registered, those too whose volumes are lost.</summary>
    public int KnownHosts { get; }

    /// <summary>Every volume with its node.</summary>
    public IEnumerable<VolumePlace> Places => _places.Values;

    /// <summary>The volume of a number.</summary>
    public VolumePlace? Find(uint volume) => _places.GetValueOrDefault(volume);
}

/// <summary>A volume and the node that serves it.</summary>
public sealed record VolumePlace(ShardNode Node, ShardVolume Volume);
