using Orleans.Serialization;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class GeneratedCodecTests
{
    private readonly CodecProvider _codecs = Wire.NewProvider();

    [Fact]
    public void A_message_is_a_map_from_numbers_to_values() =>
        Assert.Equal(
            "a20061" + "6e" + "0118" + "2a",
            Convert.ToHexStringLower(_codecs.Write(new OldMessage { Name = "n", Size = 42 })));

    [Fact]
    public void The_members_of_a_base_type_are_a_map_under_minus_one() =>
        Assert.Equal(
            "82" + "71" + Convert.ToHexStringLower("test.answer.stale"u8) + "a2" + "20" + "a10007" + "00" + "09",
            Convert.ToHexStringLower(_codecs.Write<Answer>(new Answer.Stale { Serial = 7, Head = 9 })));

    [Fact]
    public void Private_members_and_those_without_a_setter_travel()
    {
        var account = Account.Create(42, "ada", [1, 2], "opened", "closed");
        account.Friends.Add(Account.Create(1, "bob", [3]));
        var read = _codecs.RoundTrip(account);
        Assert.Equal((42, "ada"), (read.Secret, read.Owner));
        Assert.Equal([1, 2], read.Blob);
        Assert.Equal(["opened", "closed"], read.Log);
        Assert.Equal("bob", Assert.Single(read.Friends).Owner);
    }

    [Fact]
    public void A_value_declared_as_an_unsealed_base_keeps_its_own_type()
    {
        Account account = new SavingsAccount { Rate = 1.25m, Shared = [9] };
        var read = Assert.IsType<SavingsAccount>(_codecs.RoundTrip(account));
        Assert.Equal(1.25m, read.Rate);
        Assert.Equal([9], read.Shared!);
    }

    [Fact]
    public void A_case_of_a_closed_hierarchy_without_attributes_is_refused_when_written()
    {
        var error = Assert.Throws<CodecNotFoundException>(() => _codecs.Write<Answer>(new Answer.Unmarked()));
        Assert.Contains("Unmarked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_that_is_not_a_case_of_the_hierarchy_is_refused_when_read()
    {
        var foreign = _codecs.Write<object>(new Child { Key = Guid.Empty });
        Assert.Throws<SerializerException>(() => _codecs.Read<Answer>(foreign));
    }

    [Fact]
    public void A_type_without_attributes_has_no_codec()
    {
        Assert.Throws<CodecNotFoundException>(() => _codecs.Get<Unmarked>());
        Assert.Throws<CodecNotFoundException>(() => _codecs.Get<List<Unmarked>>());
        Assert.Throws<CodecNotFoundException>(() => _codecs.Write<object>(new Unmarked()));
    }

    [Fact]
    public void A_failed_lookup_leaves_the_provider_usable()
    {
        Assert.Throws<CodecNotFoundException>(() => _codecs.Get<Dictionary<string, Unmarked>>());
        Assert.Equal("x", _codecs.RoundTrip("x"));
        Assert.Equal(1, _codecs.RoundTrip(new Dictionary<string, int> { ["a"] = 1 })["a"]);
    }

    [Fact]
    public void A_type_that_contains_itself_has_one_codec()
    {
        var node = new Node { Next = new Node { Named = new() { ["x"] = new Node() } } };
        Assert.NotNull(_codecs.RoundTrip(node).Next!.Named!["x"]);
    }

    [Fact]
    public void Many_threads_may_ask_for_the_same_codecs_at_once()
    {
        for (var round = 0; round < 50; round++)
        {
            var codecs = Wire.NewProvider();
            var found = new Codec[4];
            Parallel.For(0, found.Length, i =>
            {
                found[i] = codecs.Get<Node>();
                var node = new Node { Named = new() { ["x"] = new Node() } };
                Assert.Single(codecs.RoundTrip(node).Named!);
            });
            Assert.Single(found.Distinct());
        }
    }

    [Fact]
    public void A_positional_record_whose_members_are_numbered_travels()
    {
        var read = _codecs.RoundTrip(new Positional("n", [1, 2]));
        Assert.Equal("n", read.Name);
        Assert.Equal([1, 2], read.Values);
    }

    [Fact]
    public void A_struct_with_fields_travels()
    {
        var read = _codecs.RoundTrip(new MutablePoint { X = 3, Trail = [1, 2] });
        Assert.Equal(3, read.X);
        Assert.Equal([1, 2], read.Trail);
    }

    [Fact]
    public void A_generic_type_travels() =>
        Assert.Equal([1, 2], _codecs.RoundTrip(new Page<int> { Items = [1, 2], Last = 2 }).Items);

    [Fact]
    public void A_type_with_a_converter_travels_as_its_surrogate()
    {
        Assert.Equal(new Celsius(36.6), _codecs.RoundTrip(new Celsius(36.6)));
        Assert.Equal(new Celsius(1), _codecs.RoundTrip<Celsius?>(new Celsius(1)));
        Assert.Equal(["a"], _codecs.RoundTrip(new Basket(["a"])).Items);
        Assert.Null(_codecs.RoundTrip<Basket?>(null));
    }

    [Fact]
    public void A_collection_with_a_comparer_of_its_own_is_refused() =>
        Assert.Throws<SerializerException>(
            () => _codecs.Write(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }));

    [Fact]
    public void A_repeated_dictionary_key_is_refused() =>
        Assert.Throws<SerializerException>(
            () => _codecs.Read<Dictionary<string, int>>([0xA2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]));

    [Fact]
    public void Writing_a_warm_message_allocates_nothing()
    {
        var message = RandomValues.Message(new Random(5));
        var output = new System.Buffers.ArrayBufferWriter<byte>(1 << 20);
        var codec = _codecs.Get<Message>();
        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write()
        {
            output.ResetWrittenCount();
            var writer = new CborWriter(output);
            codec.Write(ref writer, message);
            writer.Flush();
        }
    }
}
