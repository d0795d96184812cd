namespace Vault.Testing.Histories;

/// <summary>
/// One way in which things may have gone so far: the register's value, which of the operations under way have taken
/// effect, and how many of those with an unknown outcome were needed for it.
/// </summary>
/// <param name="State">0: nothing; 1: a value that nobody reads; else a value.</param>
/// <param name="Writes">Writes under way that have taken effect, one bit each.</param>
/// <param name="Reads">Reads under way that have seen what they returned, one bit each.</param>
/// <param name="Deletes">Deletes of unknown outcome that took effect.</param>
/// <param name="Puts">Writes of unknown outcome, whose value nobody read, that took effect.</param>
internal readonly record struct Configuration(int State, UInt128 Writes, UInt128 Reads, int Deletes, int Puts)
{
    /// <summary>Whether whatever the other can explain from now on, this one can too.</summary>
    public bool Covers(Configuration other) =>
        (Reads & other.Reads) == other.Reads && Deletes <= other.Deletes && Puts <= other.Puts;
}

/// <summary>Configurations of which none covers another.</summary>
internal sealed class Frontier
{
    private readonly Dictionary<(int State, UInt128 Writes), List<Configuration>> _groups = [];

    public IEnumerable<Configuration> All => _groups.Values.SelectMany(static group => group);

    public bool IsEmpty => _groups.Count == 0;

    /// <summary>Adds one unless another covers it; whether it did.</summary>
    public bool Add(Configuration configuration)
    {
        if (!_groups.TryGetValue((configuration.State, configuration.Writes), out var group))
        {
            _groups.Add((configuration.State, configuration.Writes), [configuration]);
            return true;
        }

        foreach (var other in group)
        {
            if (other.Covers(configuration))
            {
                return false;
            }
        }

        group.RemoveAll(other => configuration.Covers(other));
        group.Add(configuration);
        return true;
    }
}
