using System.Reflection;

namespace Vault.Architecture.Tests;

/// <summary>The types and interfaces of the product that another process may meet on the wire.</summary>
internal static class WireContracts
{
    /// <summary>The product's own assemblies; the engine's are its own affair.</summary>
    public static IReadOnlyList<Assembly> Assemblies { get; } =
        [.. Repository.ProductAssemblies.Where(a => !IsEngine(a.GetName().Name!))];

    public static IReadOnlyList<Type> Interfaces { get; } =
    [
        .. Assemblies.SelectMany(Types)
            .Where(t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t))
            .OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Type> Serializable { get; } =
    [
        .. Assemblies.SelectMany(Types).Where(IsSerializable).OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Type> Converters { get; } =
    [
        .. Assemblies.SelectMany(Types)
            .Where(t => t.IsDefined(typeof(RegisterConverterAttribute)))
            .OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    public static bool IsSerializable(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    public static IEnumerable<MethodInfo> Methods(Type grainInterface) =>
        grainInterface.GetMethods().OrderBy(m => AliasOf(m) ?? m.Name, StringComparer.Ordinal);

    /// <summary>The numbered members that one type declares itself.</summary>
    public static IEnumerable<(uint Id, MemberInfo Member, Type Type)> Members(Type type) => type
        .GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(m => m is PropertyInfo or FieldInfo && m.IsDefined(typeof(IdAttribute)))
        .Select(m => (ArgumentOf<uint>(m, typeof(IdAttribute)), m, m is PropertyInfo p
            ? p.PropertyType
            : ((FieldInfo)m).FieldType))
        .OrderBy(m => m.Item1);

    public static string? AliasOf(MemberInfo member) =>
        member.IsDefined(typeof(AliasAttribute), inherit: false)
            ? ArgumentOf<string>(member, typeof(AliasAttribute))
            : null;

    public static IEnumerable<Type> Types(Assembly assembly) => assembly.GetTypes();

    private static T ArgumentOf<T>(MemberInfo member, Type attribute) => (T)member.GetCustomAttributesData()
        .First(a => a.AttributeType == attribute).ConstructorArguments[0].Value!;

    private static bool IsEngine(string assembly) =>
        assembly is "Vault.Runtime" or "Vault.Runtime.Contracts" or "Vault.Runtime.Generator";
}
