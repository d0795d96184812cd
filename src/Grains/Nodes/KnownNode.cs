using Vault.Grains.Abstractions.Nodes;

namespace Vault.Grains.Nodes;

/// <summary>One node in the directory's memory; its volumes are by number.</summary>
internal sealed class KnownNode(NodeRow row, long heardAt, bool up)
{
    public NodeRow Row { get; set; } = row;

    public bool Up { get; set; } = up;

    public long Counter { get; set; }

    /// <summary>Timestamp of the last beat with a new counter, on the grain's clock.</summary>
    public long HeardAt { get; set; } = heardAt;

    public Dictionary<uint, VolumeRow> Volumes { get; } = [];

    /// <summary>Whether these are the volumes that it registered with, all in use.</summary>
    public bool Has(IReadOnlyCollection<VolumeReport> volumes)
    {
        foreach (var volume in volumes)
        {
            if (!Volumes.TryGetValue(volume.Number, out var known) || known.Lost || known.VolumeId != volume.VolumeId)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes over what is new about the volumes.</summary>
    /// <returns>Whether placement should know.</returns>
    public bool Update(IReadOnlyCollection<VolumeReport> volumes)
    {
        var changed = false;
        foreach (var volume in volumes)
        {
            var known = Volumes[volume.Number];
            changed |= known.Writable != volume.Writable;
            Volumes[volume.Number] = known with
            {
                Writable = volume.Writable, FreeBytes = volume.FreeBytes, CapacityBytes = volume.CapacityBytes,
            };
        }

        return changed;
    }

    public NodeEntry Entry() => new()
    {
        NodeId = Row.NodeId, Host = Row.Host, Endpoint = Row.Endpoint, Up = Up,
        Volumes =
        [
            .. Volumes.Values.Select(static v => new VolumeEntry
            {
                Number = v.Number, Writable = v.Writable, Lost = v.Lost, FreeBytes = v.FreeBytes,
            }),
        ],
    };
}
