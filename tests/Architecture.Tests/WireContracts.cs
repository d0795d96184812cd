using System.Reflection;

namespace Vault.Architecture.Tests;

/// <summary>The types and interfaces of the product that another process may meet on the wire.</summary>
internal static class WireContracts
{
    public static IReadOnlyList<Assembly> Assemblies => Repository.ProductAssemblies;

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

    public static IEnumerable<MethodInfo> Methods => Interfaces.SelectMany(i => i.GetMethods());

    /// <summary>What a method takes and gives, without its token and its task.</summary>
    public static IEnumerable<Type> SignatureTypes(MethodInfo method)
    {
        var types = method.GetParameters().Select(p => p.ParameterType).Where(t => t != typeof(CancellationToken));
        return method.ReturnType.IsGenericType ? types.Append(method.ReturnType.GetGenericArguments()[0]) : types;
    }

    /// <summary>The converter of a type that carries no attributes itself, with the interface that says so.</summary>
    public static (Type Converter, Type Interface)? ConverterOf(Type type) => Converters
        .SelectMany(c => c.GetInterfaces(), (c, i) => ((Type Converter, Type Interface)?)(c, i))
        .FirstOrDefault(c => c!.Value.Interface.IsGenericType
            && c.Value.Interface.GetGenericTypeDefinition() == typeof(IConverter<,>)
            && c.Value.Interface.GetGenericArguments()[0] == type);

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
}
