using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Vault.Runtime.Conformance.Tests;

/// <summary>
/// Reads methods, constructors and operators. Overrides are left out: they add nothing that callers can name.
/// </summary>
internal static class MethodReader
{
    public static IEnumerable<MemberSurface> Read(MetadataReader reader, TypeDefinition type, string typeName)
    {
        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            var name = reader.GetString(method.Name);
            var accessor = method.Attributes.HasFlag(MethodAttributes.SpecialName)
                && !name.StartsWith("op_", StringComparison.Ordinal) && name is not (".ctor" or "Deconstruct");
            if (SurfaceReader.Access(method.Attributes) is not { } access || accessor || IsOverride(method.Attributes)
                || name == "<Clone>$")
            {
                continue;
            }

            var signature = method.DecodeSignature(SignatureNames.Instance, null);
            var key = Key(name, signature);
            var named = Names(reader, method, signature.ParameterTypes);
            yield return new MemberSurface(
                typeName,
                key,
                $"{access} {Modifiers(type, method.Attributes)}{name}{Arity(signature)}({named}) -> "
                + $"{signature.ReturnType}{Constraints(reader, method)}");
        }
    }

    /// <summary>
    /// What a reference to the method says: name, number of type parameters, parameter types, result.
    /// </summary>
    public static string Key(string name, MethodSignature<string> signature) =>
        $"{name}{Arity(signature)}({string.Join(", ", signature.ParameterTypes)}) -> {signature.ReturnType}";

    internal static bool IsOverride(MethodAttributes attributes) =>
        attributes.HasFlag(MethodAttributes.Virtual) && !attributes.HasFlag(MethodAttributes.NewSlot);

    internal static string Modifiers(TypeDefinition type, MethodAttributes attributes) => attributes switch
    {
        _ when attributes.HasFlag(MethodAttributes.Static) => "static ",
        _ when type.Attributes.HasFlag(TypeAttributes.Interface) => "",
        _ when attributes.HasFlag(MethodAttributes.Abstract) => "abstract ",
        _ when attributes.HasFlag(MethodAttributes.Virtual) && !attributes.HasFlag(MethodAttributes.Final) =>
            "virtual ",
        _ => "",
    };

    private static string Arity(MethodSignature<string> signature) =>
        signature.GenericParameterCount == 0 ? "" : "`" + signature.GenericParameterCount;

    private static string Names(MetadataReader reader, MethodDefinition method, ImmutableArray<string> types)
    {
        var parts = types.ToArray();
        foreach (var parameter in method.GetParameters().Select(reader.GetParameter))
        {
            if (parameter.SequenceNumber > 0)
            {
                ref var part = ref parts[parameter.SequenceNumber - 1];
                part += " " + reader.GetString(parameter.Name);
                part += parameter.Attributes.HasFlag(ParameterAttributes.Optional)
                    ? SurfaceReader.Constant(reader, parameter.GetDefaultValue())
                    : "";
            }
        }

        return string.Join(", ", parts);
    }

    private static string Constraints(MetadataReader reader, MethodDefinition method)
    {
        var text = "";
        foreach (var parameter in method.GetGenericParameters().Select(reader.GetGenericParameter))
        {
            var parts = new List<string>();
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                parts.Add("class");
            }

            if (parameter.Attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            {
                parts.Add("struct");
            }

            parts.AddRange(parameter.GetConstraints()
                .Select(c => SignatureNames.NameOf(reader, reader.GetGenericParameterConstraint(c).Type))
                .Order(StringComparer.Ordinal));
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            {
                parts.Add("new()");
            }

            text += parts.Count == 0 ? "" : $" where !!{parameter.Index} : {string.Join(", ", parts)}";
        }

        return text;
    }
}
