using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Vault.Runtime.Generator.Emit;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>Reads a grain class: what it implements, and how to fill its constructor.</summary>
internal static class GrainClassAnalysis
{
    private const string Facets = Names.Metadata + "GrainFacets.";

    public static GrainClassModel? Analyze(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Class || type.IsAbstract || type.IsStatic || type.IsGenericType || !IsGrain(type))
        {
            return null;
        }

        var interfaces = type.AllInterfaces
            .Where(static i => Symbols.IsAddressable(i) && !Symbols.IsKeyInterface(i) && !i.IsGenericType)
            .ToList();
        if (interfaces.Count == 0)
        {
            return null;
        }

        var problems = new List<DiagnosticModel>();
        if (!Symbols.IsReachable(type))
        {
            problems.Add(Diagnostics.Create("VAULT008", type));
        }

        return new GrainClassModel(
            type.FullName(),
            type.Attribute("Orleans.GrainTypeAttribute").Text() ?? ConventionalName(type.Name),
            interfaces.Select(static i => i.FullName()).ToEquatable(),
            Arguments(type, problems).ToEquatable(),
            problems.ToEquatable());
    }

    private static bool IsGrain(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(static i => i.PlainName() == "Orleans.IGrainBase");

    private static string ConventionalName(string name)
    {
        var lower = name.ToLowerInvariant();
        return lower.Length > 5 && lower.EndsWith("grain", StringComparison.Ordinal)
            ? lower.Substring(0, lower.Length - 5)
            : lower;
    }

    private static List<string> Arguments(INamedTypeSymbol type, List<DiagnosticModel> problems)
    {
        var candidates = type.InstanceConstructors.Where(Symbols.IsAccessible)
            .OrderByDescending(static c => c.Parameters.Length)
            .ToList();
        var chosen = candidates.Find(static c => c.GetAttributes().Any(static a =>
                a.AttributeClass?.Name
                    is "GeneratedActivatorConstructorAttribute" or "ActivatorUtilitiesConstructorAttribute"))
            ?? candidates.FirstOrDefault();
        if (chosen is null)
        {
            problems.Add(Diagnostics.Create("VAULT009", type, "it needs an internal or public constructor"));
            return [];
        }

        return [.. chosen.Parameters.Select(p => Argument(type, p, problems))];
    }

    private static string Argument(INamedTypeSymbol type, IParameterSymbol parameter, List<DiagnosticModel> problems)
    {
        var name = parameter.Type.FullName();
        foreach (var attribute in parameter.GetAttributes())
        {
            switch (attribute.AttributeClass)
            {
                case { } state when state.PlainName() == "Orleans.Runtime.PersistentStateAttribute":
                    if (parameter.Type is INamedTypeSymbol { TypeArguments: [var value] })
                    {
                        var texts = attribute.ConstructorArguments.Select(static a => a.ToCSharpString()).ToList();
                        return $"{Facets}PersistentState<{value.FullName()}>(context, {texts[0]}, "
                            + $"{(texts.Count > 1 ? texts[1] : "null")})";
                    }

                    break;
                case { Name: "FromKeyedServicesAttribute" } when attribute.ConstructorArguments is [var key]:
                    return $"{Facets}KeyedService<{name}>(context, {key.ToCSharpString()})";
                case { } facet when facet.AllInterfaces.Any(static i => i.Name == "IFacetMetadata"):
                    problems.Add(Diagnostics.Create(
                        "VAULT009", type, $"parameter {parameter.Name} has a facet that is not known"));
                    return "default";
            }
        }

        if (name == "global::Orleans.Runtime.IGrainContext")
        {
            return "context";
        }

        return parameter.HasExplicitDefaultValue && parameter.Type.IsReferenceType
            ? $"({name})context.ActivationServices.GetService(typeof({name}))"
            : $"{Facets}Service<{name}>(context)";
    }
}
