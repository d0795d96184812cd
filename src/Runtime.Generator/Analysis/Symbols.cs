using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>Questions that every analysis asks of symbols.</summary>
internal static class Symbols
{
    private static readonly HashSet<string> ImmutableTypes =
    [
        "System.Guid", "System.DateTimeOffset", "System.TimeSpan", "System.DateOnly", "System.TimeOnly",
        "System.Int128", "System.UInt128", "System.Uri", "System.Version", "System.Threading.CancellationToken",
    ];

    private static readonly HashSet<string> KeyInterfaces =
    [
        "Orleans.IGrain", "Orleans.IGrainObserver", "Orleans.IGrainWithGuidKey", "Orleans.IGrainWithIntegerKey",
        "Orleans.IGrainWithStringKey", "Orleans.IGrainWithGuidCompoundKey", "Orleans.IGrainWithIntegerCompoundKey",
        "Orleans.Runtime.IAddressable", "Orleans.ISystemTarget",
    ];

    public static string FullName(this ISymbol symbol) =>
        symbol.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    public static string PlainName(this ISymbol symbol) =>
        symbol.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    public static AttributeData? Attribute(this ISymbol symbol, string name) => Find(symbol.GetAttributes(), name);

    public static bool Has(this ISymbol symbol, string name) => symbol.Attribute(name) is not null;

    public static AttributeData? Find(IEnumerable<AttributeData> attributes, string name) =>
        attributes.FirstOrDefault(a => a.AttributeClass is { } type && type.OriginalDefinition.PlainName() == name);

    public static string? Text(this AttributeData? attribute) =>
        attribute is { ConstructorArguments: [{ Value: string text }, ..] } ? text : null;

    public static string AliasOf(INamedTypeSymbol type) =>
        type.Attribute("Orleans.AliasAttribute").Text() ?? type.PlainName();

    /// <summary>Whether the interface lets a grain or an observer be called.</summary>
    public static bool IsAddressable(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface
        && type.AllInterfaces.Any(static i => i.PlainName() == "Orleans.Runtime.IAddressable");

    /// <summary>Whether the interface only says what kind of key a grain has.</summary>
    public static bool IsKeyInterface(INamedTypeSymbol type) => KeyInterfaces.Contains(type.PlainName());

    /// <summary>Whether code elsewhere in the assembly can name the type.</summary>
    public static bool IsReachable(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? t = type; t is not null; t = t.ContainingType)
        {
            if (t.IsFileLocal || (t.ContainingType is not null && t.DeclaredAccessibility is not (
                    Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal)))
            {
                return false;
            }

            if (t.ContainingType is { IsGenericType: true })
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsAccessible(ISymbol member) => member.DeclaredAccessibility is
        Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;

    public static TypeModel Model(ITypeSymbol type, bool declaredImmutable = false) =>
        new(type.FullName(), declaredImmutable || IsImmutable(type));

    private static bool IsImmutable(ITypeSymbol type)
    {
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String
                or SpecialType.System_DateTime
            || type.TypeKind == TypeKind.Enum)
        {
            return true;
        }

        if (type is not INamedTypeSymbol named)
        {
            return false;
        }

        // an unsealed immutable type may have an heir that is not
        if (named.Has("Orleans.ImmutableAttribute") && (named.IsSealed || named.IsValueType))
        {
            return true;
        }

        return named.OriginalDefinition.PlainName() switch
        {
            "System.Collections.Immutable.ImmutableArray<T>" or "System.Nullable<T>" or "T?" =>
                IsImmutable(named.TypeArguments[0]),
            var name => ImmutableTypes.Contains(name),
        };
    }
}
