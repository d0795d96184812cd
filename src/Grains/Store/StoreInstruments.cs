using System.Diagnostics.Metrics;

namespace Vault.Grains.Store;

/// <summary>What fenced grains meet in the database.</summary>
internal sealed class StoreInstruments
{
    private readonly Counter<long> _conflicts;

    public StoreInstruments(IMeterFactory meters)
    {
        _conflicts = meters.Create("Vault.Grains.Store").CreateCounter<long>(
            "vault.grains.fence_conflicts", "{commit}",
            "Commits that changed nothing because a newer activation had taken the fence, by grain");
        foreach (var grain in Enum.GetValues<FencedKind>()) _conflicts.Add(0, Tag(grain));
    }

    public void FenceLost(FencedKind grain) => _conflicts.Add(1, Tag(grain));

    private static KeyValuePair<string, object?> Tag(FencedKind grain) =>
        new("grain", grain switch
        {
            FencedKind.Index => "index", FencedKind.Repair => "repair", _ => "nodes",
        });
}

/// <summary>The grains that commit under a fence.</summary>
internal enum FencedKind
{
    Index,
    Repair,
    Nodes,
}
