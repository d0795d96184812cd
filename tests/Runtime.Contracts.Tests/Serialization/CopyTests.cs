using System.Collections.Immutable;
using Orleans.Concurrency;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class CopyTests
{
    private readonly CodecProvider _codecs = Wire.NewProvider();

    [Fact]
    public void An_immutable_type_is_not_copied()
    {
        var message = RandomValues.Message(new Random(1));
        Assert.Same(message, Copy(message));
    }

    [Fact]
    public void A_mutable_class_is_copied_with_everything_in_it()
    {
        var account = Account.Create(42, "ada", [1, 2], "opened");
        account.Friends.Add(Account.Create(1, "bob", [3]));
        var copy = Copy(account);
        Assert.NotSame(account, copy);
        Assert.NotSame(account.Friends, copy.Friends);
        Assert.NotSame(account.Friends[0], copy.Friends[0]);
        Assert.NotSame(account.Blob, copy.Blob);
        Assert.NotSame(account.Log, copy.Log);
        Assert.Equal((42, "ada"), (copy.Secret, copy.Owner));
        Assert.Equal(["opened"], copy.Log);
    }

    [Fact]
    public void An_immutable_member_is_shared()
    {
        var account = new SavingsAccount { Shared = [1] };
        Assert.Same(account.Shared, Copy(account).Shared);
    }

    [Fact]
    public void A_copy_declared_as_its_base_keeps_its_type()
    {
        var copy = Assert.IsType<SavingsAccount>(Copy<Account>(new SavingsAccount { Rate = 2 }));
        Assert.Equal(2, copy.Rate);
    }

    [Fact]
    public void Collections_are_copied_to_the_last_element()
    {
        var nested = new List<int[]> { new[] { 1 } };
        var copy = Copy(nested);
        copy[0][0] = 2;
        Assert.Equal(1, nested[0][0]);

        var map = new Dictionary<string, byte[]> { ["a"] = [1] };
        Assert.NotSame(map["a"], Copy(map)["a"]);
        Assert.NotSame(map["a"], Copy(new HashSet<byte[]> { map["a"] }).Single());
        Assert.NotSame(map["a"], Copy((1, map["a"])).Item2);
    }

    [Fact]
    public void An_immutable_array_is_shared_only_when_its_elements_may_be()
    {
        var strings = ImmutableArray.Create("a");
        Assert.True(strings == Copy(strings));
        var arrays = ImmutableArray.Create<byte[]>([1]);
        Assert.False(arrays == Copy(arrays));
        Assert.Equal(arrays[0], Copy(arrays)[0]);
    }

    [Fact]
    public void A_value_wrapped_as_immutable_is_shared_and_travels_as_itself()
    {
        byte[] bytes = [1];
        Assert.Same(bytes, Copy(new Immutable<byte[]>(bytes)).Value);
        Assert.Equal(_codecs.Write(bytes), _codecs.Write(new Immutable<byte[]>(bytes)));
        Assert.Equal(bytes, _codecs.RoundTrip(new Immutable<byte[]>(bytes)).Value);
    }

    [Fact]
    public void Memory_is_copied()
    {
        byte[] bytes = [1];
        var copy = Copy<ReadOnlyMemory<byte>>(bytes);
        bytes[0] = 2;
        Assert.Equal(1, copy.Span[0]);
    }

    [Fact]
    public void A_surrogate_carries_the_copy_unless_it_is_immutable()
    {
        var basket = new Basket(["a"]);
        Assert.NotSame(basket.Items, Copy(basket).Items);
        Assert.True(_codecs.Get<Celsius>().IsImmutable);
    }

    [Fact]
    public void A_copied_dictionary_keeps_its_comparer()
    {
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 };
        Assert.Equal(1, Copy(map)["A"]);
    }

    private T Copy<T>(T value) => _codecs.Get<T>().Copy(value);
}
