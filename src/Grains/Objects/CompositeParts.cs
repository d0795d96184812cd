using System.Collections.Immutable;
using Vault.Grains.Uploads;
using Vault.Protocol.Manifests;

namespace Vault.Grains.Objects;

/// <summary>The parts that a Complete chose, as a manifest.</summary>
internal sealed class CompositeParts
{
    /// <summary>Bytes of a manifest that fit a row; what is longer goes into pages of this size.</summary>
    public const int PageBytes = 48 << 10;

    private CompositeParts(CompositeManifest manifest, bool all, byte[] mask) =>
        (Size, Manifest, All, Mask) = (manifest.TotalBytes, manifest.Encode(), all, mask);

    /// <summary>Plaintext bytes of all chosen parts.</summary>
    public long Size { get; }

    /// <summary>The composite manifest's CBOR.</summary>
    public ReadOnlyMemory<byte> Manifest { get; }

    /// <summary>Whether no part is left over.</summary>
    public bool All { get; }

    /// <summary>One byte for each part number from 1: 1 when chosen.</summary>
    public byte[] Mask { get; }

    /// <summary>How many pages the manifest takes.</summary>
    public int Pages => (Manifest.Length + PageBytes - 1) / PageBytes;

    /// <summary>One page of the manifest.</summary>
    public ReadOnlyMemory<byte> Page(int page) =>
        Manifest.Slice(page * PageBytes, Math.Min(PageBytes, Manifest.Length - page * PageBytes));

    /// <summary>Picks the rows of <paramref name="numbers"/> (ascending); null when one is missing.</summary>
    public static CompositeParts? Choose(List<PartRow> rows, ImmutableArray<int> numbers)
    {
        if (numbers.IsDefaultOrEmpty || numbers.Length > rows.Count)
        {
            return null;
        }

        var parts = new CompositePart[numbers.Length];
        var mask = new byte[CompositeManifest.MaxParts];
        var at = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            while (at < rows.Count && rows[at].Number < numbers[i])
            {
                at++;
            }

            if (at == rows.Count || rows[at].Number != numbers[i])
            {
                return null;
            }

            parts[i] = new CompositePart(rows[at].Number, rows[at].Size, rows[at].ObjectId);
            mask[rows[at].Number - 1] = 1;
            at++;
        }

        return new CompositeParts(new CompositeManifest(parts), parts.Length == rows.Count, mask);
    }
}
