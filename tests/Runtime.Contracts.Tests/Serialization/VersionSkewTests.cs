using System.Buffers;
using Orleans.Serialization;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

/// <summary>Two builds with different contracts understand each other.</summary>
public sealed class VersionSkewTests
{
    private readonly CodecProvider _codecs = Wire.NewProvider();

    [Fact]
    public void Members_that_the_reader_does_not_know_are_skipped()
    {
        var message = RandomValues.Message(new Random(3));
        var old = _codecs.Read<OldMessage>(_codecs.Write(message));
        Assert.Equal(message.Name, old.Name);
        Assert.Equal(message.Size, old.Size);
    }

    [Fact]
    public void Members_that_the_writer_did_not_know_keep_the_value_their_type_gives_them()
    {
        var message = _codecs.Read<Message>(_codecs.Write(new OldMessage { Name = "n", Size = 9 }));
        Assert.Equal("n", message.Name);
        Assert.Equal(9, message.Size);
        Assert.Equal("unset", message.Late);
        Assert.False(message.Children.IsDefault);
        Assert.Null(message.Maybe);
    }

    [Fact]
    public void A_required_member_that_is_missing_is_an_error_that_names_it()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        writer.BeginMap(1);
        writer.WriteKey(0);
        writer.WriteText("n");
        writer.End();
        writer.Flush();
        var error = Assert.Throws<SerializerException>(() => _codecs.Read<Message>(output.WrittenSpan));
        Assert.Contains("Size (1)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_may_come_in_any_order()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        writer.BeginMap(3);
        writer.WriteKey(30);
        writer.WriteText("late");
        writer.WriteKey(1);
        writer.WriteInt64(5);
        writer.WriteKey(0);
        writer.WriteText("n");
        writer.End();
        writer.Flush();
        var message = _codecs.Read<Message>(output.WrittenSpan);
        Assert.Equal(("n", 5L, "late"), (message.Name, message.Size, message.Late));
    }

    [Fact]
    public void An_unknown_member_of_any_shape_is_skipped()
    {
        foreach (var (type, make) in RandomValues.Makers)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new CborWriter(output);
            writer.BeginMap(3);
            writer.WriteKey(0);
            writer.WriteText("n");
            writer.WriteKey(999);
            _codecs.Get(type).WriteObject(ref writer, make(new Random(11)));
            writer.WriteKey(1);
            writer.WriteInt64(5);
            writer.End();
            writer.Flush();
            Assert.Equal(new OldMessage { Name = "n", Size = 5 }, _codecs.Read<OldMessage>(output.WrittenSpan));
        }
    }

    [Fact]
    public void An_enum_value_without_a_name_is_kept() =>
        Assert.Equal((Colour)77, _codecs.RoundTrip((Colour)77));
}
