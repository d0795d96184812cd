using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Vault.Runtime.Conformance.Tests;

/// <summary>Reads from an assembly's metadata what other assemblies can see of it.</summary>
internal static class SurfaceReader
{
    public static List<TypeSurface> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.TypeDefinitions.Where(t => IsVisible(reader, t)).Select(t => ReadType(reader, t))];
    }

    private static bool IsVisible(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
                IsVisible(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static TypeSurface ReadType(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = SignatureNames.NameOf(reader, handle);
        var parent = type.BaseType.IsNil ? "" : SignatureNames.NameOf(reader, type.BaseType);
        var kind = (type.Attributes & TypeAttributes.Interface) != 0 ? "interface" : parent switch
        {
            "System.Enum" => "enum",
            "System.ValueType" => "struct",
            "System.MulticastDelegate" => "delegate",
            _ when type.Attributes.HasFlag(TypeAttributes.Abstract) && type.Attributes.HasFlag(TypeAttributes.Sealed) =>
                "static class",
            _ when type.Attributes.HasFlag(TypeAttributes.Abstract) => "abstract class",
            _ when type.Attributes.HasFlag(TypeAttributes.Sealed) => "sealed class",
            _ => "class",
        };
        var members = new List<MemberSurface>();
        members.AddRange(MethodReader.Read(reader, type, name));
        members.AddRange(PropertyReader.Read(reader, type, name));
        members.AddRange(Fields(reader, type, name));
        members.AddRange(Events(reader, type, name));
        return new TypeSurface(
            name,
            kind is "class" or "abstract class" or "sealed class" ? $"{kind} : {parent}" : kind,
            type.GetInterfaceImplementations()
                .Select(i => SignatureNames.NameOf(reader, reader.GetInterfaceImplementation(i).Interface))
                .ToHashSet(StringComparer.Ordinal),
            members);
    }

    private static IEnumerable<MemberSurface> Fields(MetadataReader reader, TypeDefinition type, string typeName)
    {
        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            var access = Access((MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask));
            if (access is null || field.Attributes.HasFlag(FieldAttributes.SpecialName))
            {
                continue;
            }

            var key = $"{reader.GetString(field.Name)}: {field.DecodeSignature(SignatureNames.Instance, null)}";
            var modifiers = field.Attributes switch
            {
                var a when a.HasFlag(FieldAttributes.Literal) => "const ",
                var a when a.HasFlag(FieldAttributes.Static) => "static ",
                _ => "",
            } + (field.Attributes.HasFlag(FieldAttributes.InitOnly) ? "readonly " : "");
            yield return new MemberSurface(
                typeName, key, $"{access} {modifiers}{key}{Constant(reader, field.GetDefaultValue())}");
        }
    }

    private static IEnumerable<MemberSurface> Events(MetadataReader reader, TypeDefinition type, string typeName)
    {
        foreach (var e in type.GetEvents().Select(reader.GetEventDefinition))
        {
            if (Access(reader.GetMethodDefinition(e.GetAccessors().Adder).Attributes) is { } access)
            {
                var key = $"{reader.GetString(e.Name)}: {SignatureNames.NameOf(reader, e.Type)}";
                yield return new MemberSurface(typeName, key, $"{access} event {key}");
            }
        }
    }

    internal static string? Access(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) switch
        {
            MethodAttributes.Public => "public",
            MethodAttributes.Family or MethodAttributes.FamORAssem => "protected",
            _ => null,
        };

    internal static string Constant(MetadataReader reader, ConstantHandle handle)
    {
        if (handle.IsNil)
        {
            return "";
        }

        var constant = reader.GetConstant(handle);
        var value = reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
        return " = " + (value is null ? "null" : Convert.ToString(value, CultureInfo.InvariantCulture));
    }
}
