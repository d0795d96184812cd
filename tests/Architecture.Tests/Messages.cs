using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Vault.Architecture.Tests;

/// <summary>Makes a message of any type, and tells what is in one.</summary>
internal static class Messages
{
    private static readonly Type[] Whole = [typeof(int), typeof(uint), typeof(long), typeof(ulong)];

    /// <summary>Orleans' serializer, as a silo has it.</summary>
    public static ServiceProvider Serialization() => new ServiceCollection().AddSerializer(builder =>
    {
        foreach (var assembly in WireContracts.Assemblies)
        {
            builder.AddAssembly(assembly);
        }
    }).BuildServiceProvider();

    /// <summary>A value no two members of which are the same.</summary>
    /// <param name="type">Of what.</param>
    /// <param name="next">Counts the values made so far.</param>
    /// <param name="least">Only what is required; everything else as a new message has it.</param>
    public static object Make(Type type, ref int next, bool least = false)
    {
        next++;
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Make(value, ref next, least);
        }

        if (type == typeof(string))
        {
            return $"text {next}";
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type == typeof(Guid))
        {
            return new Guid(next, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes($"bytes {next}"));
        }

        if (Array.IndexOf(Whole, type) >= 0)
        {
            return Convert.ChangeType(next, type, CultureInfo.InvariantCulture);
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).Cast<object>().Last();
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return MakeArray(type, ref next, least);
        }

        return WireContracts.ConverterOf(type) is { } carried
            ? MakeCarried(type, carried.Converter, carried.Interface, ref next)
            : WireContracts.IsSerializable(type)
                ? MakeMessage(type, ref next, least)
                : throw new NotSupportedException($"No value of {type} is known; add one here.");
    }

    /// <summary>All that is in a value, as text.</summary>
    public static string Tell(object? value) => value switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        Exception e => $"{e.GetType().Name}({e.Message}, {Tell(e.InnerException)})",
        string text => text,
        IEnumerable when value.GetType() is { IsGenericType: true } t
            && t.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => TellArray(value),
        _ when !value.GetType().IsEnum && WireContracts.IsSerializable(value.GetType()) =>
            $"{value.GetType().Name}{{{string.Join(", ", WireContracts.Members(value.GetType())
                .Select(m => $"{m.Member.Name}: {Tell(Read(m.Member, value))}"))}}}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object MakeArray(Type type, ref int next, bool least)
    {
        var element = type.GetGenericArguments()[0];
        var values = Array.CreateInstance(element, 2);
        values.SetValue(Make(element, ref next, least), 0);
        values.SetValue(Make(element, ref next, least), 1);
        return typeof(ImmutableArray).GetMethods()
            .Single(m => m.Name == nameof(ImmutableArray.Create)
                && m.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(element).Invoke(null, [values])!;
    }

    /// <summary>Ids that are numbers come from a made surrogate; texts must be right, so they are drawn.</summary>
    private static object MakeCarried(Type type, Type converter, Type face, ref int next) =>
        type.GetMethod("New", Type.EmptyTypes) is { } draw
            ? draw.Invoke(null, null)!
            : converter.GetMethod(nameof(IConverter<,>.ConvertFromSurrogate))!.Invoke(
                Activator.CreateInstance(converter), [Make(face.GetGenericArguments()[1], ref next)])!;

    private static object MakeMessage(Type type, ref int next, bool least)
    {
        if (typeof(Exception).IsAssignableFrom(type))
        {
            return Activator.CreateInstance(
                type, $"text {next}", least ? null : new InvalidOperationException("inner"))!;
        }

        var message = Activator.CreateInstance(type)!;
        foreach (var (_, member, memberType) in WireContracts.Members(type))
        {
            if (!least || member.IsDefined(typeof(RequiredMemberAttribute)))
            {
                ((PropertyInfo)member).SetValue(message, Make(memberType, ref next, least));
            }
        }

        return message;
    }

    private static string TellArray(object array) =>
        (bool)array.GetType().GetProperty("IsDefault")!.GetValue(array)!
            ? "none"
            : $"[{string.Join(", ", ((IEnumerable)array).Cast<object?>().Select(Tell))}]";

    private static object? Read(MemberInfo member, object of) =>
        member is PropertyInfo property ? property.GetValue(of) : ((FieldInfo)member).GetValue(of);
}
