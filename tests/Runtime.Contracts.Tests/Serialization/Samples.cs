using System.Collections.Immutable;
using Orleans;

namespace Vault.Runtime.Contracts.Tests.Serialization;

[GenerateSerializer, Immutable, Alias("test.message")]
public sealed record Message
{
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required long Size { get; init; }

    [Id(2)] public ReadOnlyMemory<byte> Body { get; init; }

    [Id(3)] public ImmutableArray<Child> Children { get; init; } = [];

    [Id(4)] public Child? Only { get; init; }

    [Id(5)] public int? Maybe { get; init; }

    [Id(6)] public Colour Colour { get; init; }

    [Id(30)] public string Late { get; init; } = "unset";
}

[GenerateSerializer, Immutable, Alias("test.child")]
public sealed record Child
{
    [Id(0)] public required Guid Key { get; init; }

    [Id(1)] public (int Low, string? High) Range { get; init; }
}

[GenerateSerializer, Alias("test.colour")]
public enum Colour : byte
{
    None,
    Red,
    Blue = 200,
}

/// <summary>What an older build knew of <see cref="Message"/>.</summary>
[GenerateSerializer, Immutable, Alias("test.message.v0")]
public sealed record OldMessage
{
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required long Size { get; init; }
}

[GenerateSerializer, Alias("test.answer")]
public abstract record Answer
{
    [Id(0)] public int Serial { get; init; }

    [GenerateSerializer, Immutable, Alias("test.answer.accepted")]
    public sealed record Accepted : Answer
    {
        [Id(0)] public required string Receipt { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("test.answer.stale")]
    public sealed record Stale : Answer
    {
        [Id(0)] public required long Head { get; init; }
    }

    /// <summary>A case that nobody marked.</summary>
    public sealed record Unmarked : Answer;
}

/// <summary>A mutable class with members of every accessibility.</summary>
[GenerateSerializer, Alias("test.account")]
public class Account
{
    [Id(0)] private int _secret;
    [Id(1)] private readonly List<string> _log = [];

    [Id(2)] public List<Account> Friends { get; set; } = [];

    [Id(3)] public string? Owner { get; private set; }

    [Id(4)] public byte[] Blob { get; } = [];

    [Id(5), Immutable] public byte[]? Shared { get; set; }

    public int Secret => _secret;

    public IReadOnlyList<string> Log => _log;

    public static Account Create(int secret, string owner, byte[] blob, params string[] log)
    {
        var account = new Account(blob) { _secret = secret, Owner = owner };
        account._log.AddRange(log);
        return account;
    }

    internal Account()
    {
    }

    private Account(byte[] blob) => Blob = blob;
}

[GenerateSerializer, Alias("test.savings")]
public sealed class SavingsAccount : Account
{
    [Id(0)] public decimal Rate { get; set; }
}

[GenerateSerializer, Alias("test.node")]
public sealed class Node
{
    [Id(0)] public Node? Next { get; set; }

    [Id(1)] public Dictionary<string, Node>? Named { get; set; }
}

[GenerateSerializer, Alias("test.page")]
public sealed record Page<T>
{
    [Id(0)] public required List<T> Items { get; init; }

    [Id(1)] public T? Last { get; init; }
}

[GenerateSerializer, Alias("test.mutable-point")]
public struct MutablePoint
{
    [Id(0)] public int X;

    [Id(1)] public int[] Trail { get; set; }
}

[GenerateSerializer, Alias("test.positional")]
public sealed record Positional([property: Id(0)] string Name, [property: Id(1)] int[] Values);

/// <summary>A type without attributes, as those of Protocol are.</summary>
public readonly record struct Celsius(double Degrees);

/// <summary>A class without attributes whose surrogate is not immutable.</summary>
public sealed class Basket(List<string> items)
{
    public List<string> Items { get; } = items;
}

[GenerateSerializer, Immutable, Alias("test.celsius")]
public struct CelsiusSurrogate
{
    [Id(0)] public double Degrees;
}

[GenerateSerializer, Alias("test.basket")]
public struct BasketSurrogate
{
    [Id(0)] public List<string> Items;
}

[RegisterConverter]
public sealed class CelsiusConverter : IConverter<Celsius, CelsiusSurrogate>
{
    public Celsius ConvertFromSurrogate(in CelsiusSurrogate surrogate) => new(surrogate.Degrees);

    public CelsiusSurrogate ConvertToSurrogate(in Celsius value) => new() { Degrees = value.Degrees };
}

[RegisterConverter]
public sealed class BasketConverter : IConverter<Basket, BasketSurrogate>
{
    public Basket ConvertFromSurrogate(in BasketSurrogate surrogate) => new(surrogate.Items);

    public BasketSurrogate ConvertToSurrogate(in Basket value) => new() { Items = value.Items };
}

[GenerateSerializer, Alias("test.refused")]
public sealed class RefusedException : Exception
{
    public RefusedException(string message, int code)
        : base(message) => Code = code;

    [Id(0)] public int Code { get; }
}

/// <summary>A type that cannot travel.</summary>
public sealed class Unmarked
{
    public int Value { get; set; }
}
