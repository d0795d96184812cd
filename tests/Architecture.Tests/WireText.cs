using System.Reflection;

namespace Vault.Architecture.Tests;

/// <summary>
/// Renders messages as text: what a change of it would break is what is in it, and nothing else. Interfaces and methods
/// are in the baselines that the build checks, <c>OrleansContracts.txt</c>.
/// </summary>
internal static class WireText
{
    public static IEnumerable<string> Render()
    {
        foreach (var type in WireContracts.Serializable)
        {
            yield return $"{Kind(type)} {WireContracts.AliasOf(type) ?? "?"} = {type.FullName}";
            foreach (var line in type.IsEnum ? Values(type) : Members(type))
            {
                yield return "  " + line;
            }
        }

        foreach (var type in WireContracts.Converters)
        {
            foreach (var converter in type.GetInterfaces()
                .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>)))
            {
                yield return $"surrogate {Name(converter.GetGenericArguments()[0])} = "
                    + $"{Name(converter.GetGenericArguments()[1])}";
            }
        }
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum)
        {
            return $"enum({Enum.GetUnderlyingType(type).Name})";
        }

        var parent = type.BaseType is { } b && WireContracts.IsSerializable(b) ? $"({WireContracts.AliasOf(b)})" : "";
        return (type.IsValueType ? "struct" : type.IsAbstract ? "abstract" : "class") + parent
            + (type.IsDefined(typeof(ImmutableAttribute), inherit: false) ? " immutable" : "");
    }

    private static IEnumerable<string> Members(Type type) => WireContracts.Members(type)
        .Select(m => $"{m.Id} {m.Member.Name}: "
            + $"{Name(m.Type)}{(Nullable(m.Member) ? "?" : "")}{(Required(m.Member) ? " required" : "")}");

    private static IEnumerable<string> Values(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => $"{f.GetRawConstantValue()} {f.Name}");

    private static bool Required(MemberInfo member) =>
        member.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute));

    private static bool Nullable(MemberInfo member)
    {
        var context = new NullabilityInfoContext();
        var type = member is PropertyInfo p ? p.PropertyType : ((FieldInfo)member).FieldType;
        return !type.IsValueType
            && (member is PropertyInfo q ? context.Create(q) : context.Create((FieldInfo)member)).ReadState
                == NullabilityState.Nullable;
    }

    private static string Name(Type type)
    {
        if (System.Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericType)
        {
            return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}"
                + $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return WireContracts.AliasOf(type) ?? type.Name;
    }
}
