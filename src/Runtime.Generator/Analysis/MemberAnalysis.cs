using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>Reads the numbered members that one type declares, and how each can be read and written.</summary>
internal static class MemberAnalysis
{
    private const string Id = "Orleans.IdAttribute";

    public static LevelModel Analyze(
        INamedTypeSymbol level, SerializableKind kind, Construction construction, List<DiagnosticModel> problems)
    {
        var members = new List<MemberModel>();
        foreach (var symbol in level.GetMembers())
        {
            if (symbol.IsStatic || symbol is not (IPropertySymbol or IFieldSymbol { AssociatedSymbol: null }))
            {
                continue;
            }

            if (symbol.Attribute(Id) is not { ConstructorArguments: [{ Value: uint id }] })
            {
                if (WouldBeLost(symbol))
                {
                    problems.Add(Diagnostics.Create("VAULT007", symbol));
                }

                continue;
            }

            if (id > int.MaxValue)
            {
                problems.Add(Diagnostics.Create("VAULT011", symbol));
                continue;
            }

            if (members.Any(other => other.Id == (int)id))
            {
                problems.Add(Diagnostics.Create(
                    "VAULT006", symbol, id.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                continue;
            }

            members.Add(Model(symbol, (int)id, kind, construction));
        }

        return new LevelModel(level.FullName(), members.OrderBy(static m => m.Id).ToEquatable());
    }

    private static MemberModel Model(ISymbol symbol, int id, SerializableKind kind, Construction construction)
    {
        var immutable = symbol.Has("Orleans.ImmutableAttribute");
        var declaring = symbol.ContainingType.FullName();
        if (symbol is IFieldSymbol field)
        {
            var open = Symbols.IsAccessible(field) && !field.IsReadOnly;
            return new MemberModel(
                id, field.Name, Symbols.Model(field.Type, immutable), declaring, field.IsRequired,
                Symbols.IsAccessible(field), field.Name,
                !open ? Assignment.Field : Place(field.IsRequired, initOnly: false, kind, construction));
        }

        var property = (IPropertySymbol)symbol;
        var setter = property.SetMethod;
        var assignment = setter switch
        {
            null => Assignment.Field,
            _ when Symbols.IsAccessible(setter) => Place(property.IsRequired, setter.IsInitOnly, kind, construction),
            _ => Assignment.Setter,
        };
        return new MemberModel(
            id,
            property.Name,
            Symbols.Model(property.Type, immutable),
            declaring,
            property.IsRequired,
            property.GetMethod is { } getter && Symbols.IsAccessible(getter),
            $"<{property.Name}>k__BackingField",
            assignment);
    }

    private static Assignment Place(bool required, bool initOnly, SerializableKind kind, Construction construction)
    {
        if (construction != Construction.Parameterless)
        {
            return initOnly ? Assignment.Setter : Assignment.Direct;
        }

        return required || (initOnly && kind == SerializableKind.Struct)
            ? Assignment.Initializer
            : initOnly ? Assignment.Setter : Assignment.Direct;
    }

    /// <summary>
    /// A settable automatic property without a number is an oversight; computed ones and fields are not.
    /// </summary>
    private static bool WouldBeLost(ISymbol symbol) =>
        symbol is IPropertySymbol { SetMethod: not null, IsImplicitlyDeclared: false } property
        && property.ContainingType.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(
            f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property)) is { } backing
        && !backing.Has("System.NonSerializedAttribute");
}
