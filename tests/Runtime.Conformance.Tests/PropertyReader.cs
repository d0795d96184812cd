using System.Reflection.Metadata;

namespace Vault.Runtime.Conformance.Tests;

/// <summary>Reads properties and indexers, each accessor with its own accessibility.</summary>
internal static class PropertyReader
{
    public static IEnumerable<MemberSurface> Read(MetadataReader reader, TypeDefinition type, string typeName)
    {
        foreach (var property in type.GetProperties().Select(reader.GetPropertyDefinition))
        {
            var accessors = property.GetAccessors();
            var getter = Visible(reader, accessors.Getter);
            var setter = Visible(reader, accessors.Setter);
            if ((getter ?? setter) is not { } any || MethodReader.IsOverride(any.Attributes))
            {
                continue;
            }

            var signature = property.DecodeSignature(SignatureNames.Instance, null);
            var parameters = signature.ParameterTypes.Length == 0
                ? ""
                : $"[{string.Join(", ", signature.ParameterTypes)}]";
            var key = $"{reader.GetString(property.Name)}{parameters}: {signature.ReturnType}";
            var init = setter is { } s && s.DecodeSignature(SignatureNames.Instance, null).ReturnType
                .EndsWith(" init", StringComparison.Ordinal);
            yield return new MemberSurface(
                typeName,
                key,
                $"{MethodReader.Modifiers(type, any.Attributes)}{key} "
                + $"{{{Accessor("get", getter)}{Accessor(init ? "init" : "set", setter)} }}");
        }
    }

    private static string Accessor(string name, MethodDefinition? method) =>
        method is { } present ? $" {SurfaceReader.Access(present.Attributes)} {name};" : "";

    private static MethodDefinition? Visible(MetadataReader reader, MethodDefinitionHandle handle) =>
        !handle.IsNil && reader.GetMethodDefinition(handle) is var method
            && SurfaceReader.Access(method.Attributes) is not null
            ? method
            : null;
}
