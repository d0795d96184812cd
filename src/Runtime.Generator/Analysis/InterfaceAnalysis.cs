using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Emit;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>
/// Reads a grain interface: its methods in a stable order, and what stands in the way of calling them.
/// </summary>
internal static class InterfaceAnalysis
{
    public static InterfaceModel? Analyze(INamedTypeSymbol type)
    {
        if (!Symbols.IsAddressable(type) || Symbols.IsKeyInterface(type))
        {
            return null;
        }

        var problems = new List<DiagnosticModel>();
        var methods = new List<MethodModel>();
        if (type.IsGenericType)
        {
            problems.Add(Diagnostics.Create("VAULT001", type));
        }
        else if (!Symbols.IsReachable(type))
        {
            problems.Add(Diagnostics.Create("VAULT008", type));
        }
        else
        {
            foreach (var declaring in type.AllInterfaces.Insert(0, type))
            {
                AddMembers(type, declaring, methods, problems);
            }
        }

        var name = type.FullName();
        return new InterfaceModel(
            name,
            Names.Identifier(name),
            type.Attribute("Orleans.Runtime.GrainInterfaceTypeAttribute").Text() ?? Symbols.AliasOf(type),
            methods.ToEquatable(),
            problems.ToEquatable());
    }

    private static void AddMembers(
        INamedTypeSymbol type, INamedTypeSymbol declaring, List<MethodModel> methods, List<DiagnosticModel> problems)
    {
        foreach (var member in declaring.GetMembers())
        {
            if (member.IsStatic || member is IMethodSymbol { MethodKind: not MethodKind.Ordinary } or INamedTypeSymbol)
            {
                continue;
            }

            if (member is not IMethodSymbol method)
            {
                problems.Add(Diagnostics.Create("VAULT003", member));
                continue;
            }

            if (MethodAnalysis.Analyze(type, method, problems) is not { } model)
            {
                continue;
            }

            if (methods.Any(other => other.Alias == model.Alias))
            {
                problems.Add(Diagnostics.Create("VAULT005", method, model.Alias));
            }
            else
            {
                methods.Add(model with { Identifier = $"{model.Identifier}_{methods.Count}" });
            }
        }
    }
}
