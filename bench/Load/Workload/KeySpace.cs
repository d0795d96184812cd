using System.Globalization;

namespace Vault.Load.Workload;

/// <summary>
/// Names of objects by number. Neighbouring numbers have names far apart, so that new keys land all over an index.
/// </summary>
/// <param name="root">What every key begins with.</param>
/// <param name="prefixes">0 for flat names, else over how many prefixes (before a slash) the keys are spread.</param>
internal sealed class KeySpace(string root, int prefixes)
{
    public string Root => root;

    public string KeyOf(long index)
    {
        var name = Scramble((uint)index).ToString("x8", CultureInfo.InvariantCulture);
        return prefixes == 0
            ? root + name
            : string.Create(CultureInfo.InvariantCulture, $"{root}{Scramble((uint)(index % prefixes)):x8}/{name}");
    }

    /// <summary>
    /// A place to begin a listing, uniform over the keys, with at least a page after it when there is one.
    /// </summary>
    public string StartAfter(Random random, long keys, int page)
    {
        var room = Math.Max(0, 1 - (1.3 * page / Math.Max(1, keys)));
        return root + ((uint)(random.NextDouble() * room * uint.MaxValue)).ToString("x8", CultureInfo.InvariantCulture);
    }

    /// <summary>A permutation of the 32-bit numbers: each step can be undone.</summary>
    private static uint Scramble(uint value)
    {
        value ^= value >> 16;
        value *= 0x7feb352d;
        value ^= value >> 15;
        value *= 0x846ca68b;
        return value ^ (value >> 16);
    }
}
