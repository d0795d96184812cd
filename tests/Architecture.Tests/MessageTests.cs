using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Activators;
using Vault.Protocol.Ids;

namespace Vault.Architecture.Tests;

/// <summary>One of each message through Orleans' serializer and its copier.</summary>
public sealed class MessageTests : IDisposable
{
    private readonly ServiceProvider _services = Messages.Serialization();

    public static TheoryData<string> MessageTypes =>
        [.. WireContracts.Serializable.Where(t => !t.IsAbstract).Select(t => t.FullName!)];

    public static TheoryData<string> CarriedTypes =>
        [.. WireContracts.Converters.Select(c => CarriedBy(c).FullName!)];

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void A_message_arrives_as_it_was_sent(string name)
    {
        var type = Find(name);
        var next = 0;
        foreach (var least in new[] { false, true })
        {
            var sent = Messages.Make(type, ref next, least);
            Assert.Equal(Messages.Tell(sent), Messages.Tell(Send(type, sent)));
        }
    }

    [Fact]
    public void What_an_earlier_release_did_not_say_has_its_default()
    {
        foreach (var type in WireContracts.Serializable.Where(t => t.IsClass && !typeof(Exception).IsAssignableFrom(t)))
        {
            var activator = _services.GetRequiredService(typeof(IActivator<>).MakeGenericType(type));
            var empty = activator.GetType().GetMethod(nameof(IActivator<>.Create))!.Invoke(activator, null);
            Assert.Equal(Messages.Tell(Activator.CreateInstance(type)), Messages.Tell(empty));
        }
    }

    [Theory]
    [MemberData(nameof(CarriedTypes))]
    public void An_id_arrives_as_it_was_sent(string name)
    {
        var type = Find(name);
        var next = 0;
        var sent = Messages.Make(type, ref next);
        Assert.Equal(sent, Send(type, sent));
        var nothing = Activator.CreateInstance(type)!;
        Assert.Equal(nothing, Send(type, nothing));
        Assert.Null(Send(typeof(Nullable<>).MakeGenericType(type), null));
    }

    [Fact]
    public void A_text_that_is_no_id_does_not_arrive()
    {
        var serializer = _services.GetRequiredService<Serializer<TenantId>>();
        var text = serializer.SerializeToArray(TenantId.New());
        text[text.AsSpan().IndexOf("ten_"u8)] = (byte)'x';
        Assert.Throws<FormatException>(() => serializer.Deserialize(text));
    }

    [Fact]
    public void Every_message_is_immutable_and_therefore_not_copied()
    {
        foreach (var type in WireContracts.Serializable.Where(t => t.IsClass && !typeof(Exception).IsAssignableFrom(t)))
        {
            var next = 0;
            var sent = Messages.Make(type, ref next);
            Assert.True(type.IsDefined(typeof(ImmutableAttribute)), type.FullName);
            Assert.Same(sent, Copy(type, sent));
        }
    }

    [Fact]
    public void No_payload_of_a_call_is_copied()
    {
        var copied = new List<string>();
        foreach (var method in WireContracts.Methods)
        {
            foreach (var parameter in method.GetParameters()
                .Where(p => p.ParameterType != typeof(CancellationToken) && !p.IsDefined(typeof(ImmutableAttribute))))
            {
                Check(parameter.ParameterType, $"{method.DeclaringType!.Name}.{method.Name}({parameter.Name})");
            }

            // of a result it cannot be said; what is bare bytes there is copied, and is a box
            if (method.ReturnType.IsGenericType
                && method.ReturnType.GetGenericArguments()[0] is var result && result != typeof(ReadOnlyMemory<byte>?))
            {
                Check(result, $"{method.DeclaringType!.Name}.{method.Name}");
            }
        }

        Assert.Empty(copied);

        void Check(Type type, string what)
        {
            var next = 0;
            var sent = Messages.Make(type, ref next);
            if (!sent.Equals(Copy(type, sent))) // of arrays and memory: the same, not alike
            {
                copied.Add(what);
            }
        }
    }

    private static Type CarriedBy(Type converter) => converter.GetInterfaces()
        .First(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>)).GetGenericArguments()[0];

    private static Type Find(string name) =>
        WireContracts.Assemblies.Concat(WireContracts.Converters.Select(c => CarriedBy(c).Assembly))
            .Select(a => a.GetType(name)).First(t => t is not null)!;

    private object? Send(Type type, object? value) => Call(nameof(SendAs), type, value);

    private object? Copy(Type type, object? value) => Call(nameof(CopyAs), type, value);

    private object? Call(string method, Type type, object? value) => typeof(MessageTests)
        .GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!
        .MakeGenericMethod(type).Invoke(this, [value]);

    private T? SendAs<T>(T value)
    {
        var serializer = _services.GetRequiredService<Serializer<T>>();
        return serializer.Deserialize(serializer.SerializeToArray(value));
    }

    private T? CopyAs<T>(T value) => _services.GetRequiredService<DeepCopier<T>>().Copy(value);
}
