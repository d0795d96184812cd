using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Emit;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>
/// Reads a type marked <c>[GenerateSerializer]</c>: its numbered members, level by level of its inheritance.
/// </summary>
internal static class SerializableAnalysis
{
    private const string GenerateSerializer = "Orleans.GenerateSerializerAttribute";

    public static SerializableModel Analyze(INamedTypeSymbol type)
    {
        var problems = new List<DiagnosticModel>();
        if (!Symbols.IsReachable(type))
        {
            problems.Add(Diagnostics.Create("VAULT008", type));
        }

        var kind = type switch
        {
            { TypeKind: TypeKind.Enum } => SerializableKind.Enum,
            { TypeKind: TypeKind.Struct } => SerializableKind.Struct,
            { IsAbstract: true } => SerializableKind.Abstract,
            _ => SerializableKind.Class,
        };

        var construction = ConstructionOf(type);
        var levels = new List<LevelModel>();
        if (kind != SerializableKind.Enum)
        {
            for (var level = type; level is not null; level = level.BaseType)
            {
                if (level.Has(GenerateSerializer))
                {
                    levels.Add(MemberAnalysis.Analyze(level, kind, construction, problems));
                }
            }

            while (levels.Count > 1 && levels[levels.Count - 1].Members.Count == 0)
            {
                levels.RemoveAt(levels.Count - 1);
            }
        }

        var name = type.FullName();
        return new SerializableModel(
            name,
            type.IsGenericType ? type.ConstructUnboundGenericType().FullName() : name,
            Names.Identifier(type.OriginalDefinition.FullName()),
            type.IsGenericType
                ? $"<{string.Join(", ", type.TypeParameters.Select(static p => p.Name))}>"
                : string.Empty,
            string.Concat(type.TypeParameters.Select(Constraint)),
            Symbols.AliasOf(type),
            kind,
            type.Has("Orleans.ImmutableAttribute"),
            construction,
            levels.ToEquatable(),
            problems.ToEquatable());
    }

    private static Construction ConstructionOf(INamedTypeSymbol type)
    {
        if (type.IsValueType
            || type.InstanceConstructors.Any(static c => c.Parameters.Length == 0 && Symbols.IsAccessible(c)))
        {
            return Construction.Parameterless;
        }

        var isException = false;
        for (var level = type.BaseType; level is not null; level = level.BaseType)
        {
            isException |= level.FullName() == "global::System.Exception";
        }

        return isException && type.InstanceConstructors.Any(static c => Symbols.IsAccessible(c)
                && c.Parameters is [{ Type.SpecialType: SpecialType.System_String }])
            ? Construction.Message
            : Construction.Uninitialized;
    }

    private static string Constraint(ITypeParameterSymbol parameter)
    {
        var parts = new List<string>();
        if (parameter.HasUnmanagedTypeConstraint)
        {
            parts.Add("unmanaged");
        }
        else if (parameter.HasValueTypeConstraint)
        {
            parts.Add("struct");
        }
        else if (parameter.HasReferenceTypeConstraint)
        {
            parts.Add("class");
        }
        else if (parameter.HasNotNullConstraint)
        {
            parts.Add("notnull");
        }

        parts.AddRange(parameter.ConstraintTypes.Select(static t => t.FullName()));
        if (parameter.HasConstructorConstraint && !parameter.HasValueTypeConstraint)
        {
            parts.Add("new()");
        }

        return parts.Count == 0 ? string.Empty : $" where {parameter.Name} : {string.Join(", ", parts)}";
    }
}
