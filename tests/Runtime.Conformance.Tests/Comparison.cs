namespace Vault.Runtime.Conformance.Tests;

/// <summary>
/// Our surface against the three sources of truth; who vouches for each member, and what nobody vouches for.
/// </summary>
internal sealed class Comparison
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Members whose definition is in a published package.</summary>
    public int ByDefinition { get; private set; }

    /// <summary>Members that a published package uses with this signature.</summary>
    public int ByReference { get; private set; }

    /// <summary>Members, and shapes of types, that the baseline lists.</summary>
    public int ByBaseline { get; private set; }

    public static Comparison Of(
        IEnumerable<TypeSurface> ours,
        IReadOnlyDictionary<string, TypeSurface> defined,
        IReadOnlyDictionary<string, HashSet<string>> referenced,
        IReadOnlySet<string> baseline)
    {
        var comparison = new Comparison();
        foreach (var type in ours)
        {
            if (defined.TryGetValue(type.Name, out var theirs))
            {
                comparison.CompareWithDefinition(type, theirs, baseline);
            }
            else
            {
                comparison.CompareWithBaseline(type, referenced.GetValueOrDefault(type.Name) ?? [], baseline);
            }
        }

        return comparison;
    }

    /// <summary>The line by which the baseline vouches for a type.</summary>
    public static string ShapeLine(TypeSurface type) =>
        $"{type.Name} | {type.Shape} | {string.Join(", ", type.Interfaces.Order(StringComparer.Ordinal))}"
            .TrimEnd(' ', '|');

    /// <summary>The line by which the baseline vouches for a member.</summary>
    public static string MemberLine(MemberSurface member) => $"{member.Type} | {member.Full}";

    private void CompareWithDefinition(TypeSurface type, TypeSurface theirs, IReadOnlySet<string> baseline)
    {
        if (type.Shape != theirs.Shape)
        {
            _problems.Add($"{type.Name} is \"{type.Shape}\" here and \"{theirs.Shape}\" there");
        }

        _problems.AddRange(
            type.Interfaces.Except(theirs.Interfaces).Select(i => $"{type.Name} implements {i} only here"));
        var members = theirs.Members.Select(m => m.Full).ToHashSet(StringComparer.Ordinal);
        foreach (var member in type.Members)
        {
            if (members.Contains(member.Full))
            {
                ByDefinition++;
                continue;
            }

            if (baseline.Contains(MemberLine(member)))
            {
                ByBaseline++; // another package, which the feed lacks, has a type of the same name
                continue;
            }

            var similar = string.Join(" or ", theirs.Members.Where(m => m.Name == member.Name).Select(m => m.Full));
            _problems.Add($"{type.Name}: {member.Full} is {(similar.Length > 0 ? "there " + similar : "not there")}");
        }
    }

    private void CompareWithBaseline(TypeSurface type, HashSet<string> referenced, IReadOnlySet<string> baseline)
    {
        Expect(baseline, ShapeLine(type));
        foreach (var member in type.Members)
        {
            if (referenced.Contains(member.Key))
            {
                ByReference++;
            }
            else
            {
                Expect(baseline, MemberLine(member));
            }
        }
    }

    private void Expect(IReadOnlySet<string> baseline, string line)
    {
        if (baseline.Contains(line))
        {
            ByBaseline++;
        }
        else
        {
            _problems.Add($"{line} is neither published nor in Baseline.txt");
        }
    }
}
