using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Serialization;

namespace Vault.Architecture.Tests;

/// <summary>What processes of two releases say to each other changes only on purpose.</summary>
public sealed class WireContractTests
{
    [Fact]
    public void Messages_are_as_recorded() => Snapshot.Compare("WireContracts.lock", WireText.Render());

    [Fact]
    public void There_are_contracts_to_look_at()
    {
        Assert.NotEmpty(WireContracts.Interfaces);
        Assert.NotEmpty(WireContracts.Serializable);
        Assert.NotEmpty(WireContracts.Converters);
    }

    [Fact]
    public void Every_type_in_a_grain_signature_has_a_codec()
    {
        using var services = Messages.Serialization();
        var serializer = services.GetRequiredService<Serializer>();
        var missing = new List<string>();
        foreach (var type in WireContracts.Methods
            .SelectMany(WireContracts.SignatureTypes)
            .Concat(WireContracts.Serializable)
            .Distinct())
        {
            if (type.ContainsGenericParameters
                || (type.IsAbstract && !typeof(IAddressable).IsAssignableFrom(type) && !HasCases(type)))
            {
                continue;
            }

            try
            {
                typeof(Serializer).GetMethod(nameof(Serializer.GetSerializer))!.MakeGenericMethod(type).Invoke(
                    serializer, null);
            }
            catch (TargetInvocationException error) when (error.InnerException is CodecNotFoundException)
            {
                missing.Add($"{type}: {error.InnerException.Message}");
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void Every_interface_method_and_type_has_an_alias_of_its_own()
    {
        var types = WireContracts.Interfaces.Concat(WireContracts.Serializable).ToList();
        var without = types.Where(t => WireContracts.AliasOf(t) is null).Select(t => t.FullName!)
            .Concat(WireContracts.Interfaces.SelectMany(i => i.GetMethods())
                .Where(m => WireContracts.AliasOf(m) is null)
                .Select(m => $"{m.DeclaringType!.FullName}.{m.Name}"));
        Assert.Empty(without);

        var twice = types.GroupBy(WireContracts.AliasOf).Where(g => g.Count() > 1).Select(g => g.Key);
        Assert.Empty(twice);
        Assert.All(
            WireContracts.Interfaces,
            i => Assert.Equal(i.GetMethods().Length, i.GetMethods().Select(WireContracts.AliasOf).Distinct().Count()));
    }

    /// <summary>
    /// Orleans names an interface by its alias, its analyzer by the attribute: the build sees a change of either.
    /// </summary>
    [Fact]
    public void A_grain_interface_is_known_by_its_alias()
    {
        using var services = Messages.Serialization();
        var names = new GrainInterfaceTypeResolver(
            [], services.GetRequiredService<Orleans.Serialization.TypeSystem.TypeConverter>());
        Assert.All(WireContracts.Interfaces, i =>
        {
            Assert.Equal(WireContracts.AliasOf(i), names.GetGrainInterfaceType(i).ToString());
            Assert.Equal(
                WireContracts.AliasOf(i),
                i.GetCustomAttribute<GrainInterfaceTypeAttribute>()?.GetGrainInterfaceType(services, i).ToString());
        });
    }

    [Fact]
    public void Every_member_of_a_message_has_a_number()
    {
        var without = WireContracts.Serializable.Where(t => !t.IsEnum && !typeof(Exception).IsAssignableFrom(t))
            .SelectMany(t => t.GetProperties(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(p => !p.IsDefined(typeof(IdAttribute)) && p.Name != "EqualityContract")
            .Select(p => $"{p.DeclaringType!.FullName}.{p.Name}");
        Assert.Empty(without);
    }

    [Fact]
    public void Every_case_of_a_closed_hierarchy_has_its_own_attributes()
    {
        var bases = WireContracts.Serializable.Where(t => t.IsClass && !t.IsSealed).ToList();
        var unmarked = WireContracts.Assemblies.SelectMany(WireContracts.Types)
            .Where(t => bases.Exists(b => b != t && b.IsAssignableFrom(t)) && !WireContracts.IsSerializable(t));
        Assert.Empty(unmarked);
    }

    [Fact]
    public void Messages_are_sealed_and_not_positional()
    {
        var wrong = WireContracts.Serializable
            .Where(t => t.IsClass && !typeof(Exception).IsAssignableFrom(t))
            .Where(t => (!t.IsSealed && !t.IsAbstract) || t.GetMethod("Deconstruct") is not null);
        Assert.Empty(wrong);
    }

    [Fact]
    public void An_immutable_type_holds_nothing_that_can_change()
    {
        var mutable = WireContracts.Serializable
            .Where(t => t.IsDefined(typeof(ImmutableAttribute), inherit: false) && !t.IsEnum)
            .SelectMany(t => WireContracts.Members(t)
                .Where(m => CanChange(m.Type) || HasSetter(m.Member))
                .Select(m => $"{t.FullName}.{m.Member.Name}"));
        Assert.Empty(mutable);
    }

    [Fact]
    public void A_grain_interface_keeps_to_tasks_and_takes_a_token_last()
    {
        var odd = WireContracts.Interfaces.SelectMany(i => i.GetMethods())
            .Where(m => m.GetParameters().Select(p => p.ParameterType).SkipLast(1).Contains(typeof(CancellationToken))
                || !(m.ReturnType.Name.StartsWith("Task", StringComparison.Ordinal)
                    || m.ReturnType.Name.StartsWith("ValueTask", StringComparison.Ordinal)))
            .Select(m => $"{m.DeclaringType!.Name}.{m.Name}");
        Assert.Empty(odd);
    }

    private static bool HasCases(Type type) =>
        WireContracts.Serializable.Any(t => t != type && type.IsAssignableFrom(t));

    /// <summary>A struct's fields are copied with it; a class is changed through its setters.</summary>
    private static bool HasSetter(MemberInfo member) =>
        member.DeclaringType!.IsClass && member is PropertyInfo { SetMethod: { } setter }
            && !setter.ReturnParameter.GetRequiredCustomModifiers()
                .Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static bool CanChange(Type type)
    {
        if (type.IsArray)
        {
            return true;
        }

        if (!type.IsGenericType)
        {
            return false;
        }

        var definition = type.GetGenericTypeDefinition();
        return definition == typeof(List<>) || definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>)
            || definition == typeof(Memory<>) || type.GetGenericArguments().Any(CanChange);
    }
}
