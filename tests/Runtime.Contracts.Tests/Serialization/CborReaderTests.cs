using System.Buffers;
using Orleans.Serialization;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class CborReaderTests
{
    // RFC 8949, appendix A
    [Theory]
    [InlineData("00", 0L)]
    [InlineData("17", 23L)]
    [InlineData("1818", 24L)]
    [InlineData("190100", 256L)]
    [InlineData("1903e8", 1000L)]
    [InlineData("1a000f4240", 1000000L)]
    [InlineData("1b000000e8d4a51000", 1000000000000L)]
    [InlineData("20", -1L)]
    [InlineData("3863", -100L)]
    [InlineData("3903e7", -1000L)]
    [InlineData("3b7fffffffffffffff", long.MinValue)]
    [InlineData("1b7fffffffffffffff", long.MaxValue)]
    public void Integers_have_the_published_encodings(string hex, long value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        writer.WriteInt64(value);
        writer.Flush();
        Assert.Equal(hex, Convert.ToHexStringLower(output.WrittenSpan));
        Assert.Equal(value, new CborReader(output.WrittenSpan).ReadInt64());
    }

    [Theory]
    [InlineData("f90000", 0.0)]
    [InlineData("f93c00", 1.0)]
    [InlineData("f97bff", 65504.0)]
    [InlineData("fa47c35000", 100000.0)]
    [InlineData("fb3ff199999999999a", 1.1)]
    [InlineData("fbc010666666666666", -4.1)]
    [InlineData("03", 3.0)]
    public void Floats_of_every_width_are_read(string hex, double value) =>
        Assert.Equal(value, new CborReader(Convert.FromHexString(hex)).ReadDouble());

    [Theory]
    [InlineData("60", "")]
    [InlineData("6161", "a")]
    [InlineData("62c3bc", "ü")]
    [InlineData("64f0908591", "\U00010151")]
    public void Texts_have_the_published_encodings(string hex, string value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        writer.WriteText(value);
        writer.Flush();
        Assert.Equal(hex, Convert.ToHexStringLower(output.WrittenSpan));
        Assert.Equal(value, new CborReader(output.WrittenSpan).ReadText());
    }

    [Theory]
    [InlineData("5bffffffffffffffff", "a byte string that claims 2^64 - 1 bytes")]
    [InlineData("5a7fffffff00", "a byte string of 2 GiB")]
    [InlineData("9a7fffffff00", "an array of two thousand million elements")]
    [InlineData("bb7fffffffffffffff00", "a map of 2^63 pairs")]
    [InlineData("5fff", "an indefinite byte string")]
    [InlineData("9fff", "an indefinite array")]
    [InlineData("1c", "a reserved length")]
    [InlineData("19", "an integer without its bytes")]
    [InlineData("", "nothing")]
    [InlineData("8100ff", "a break out of place")]
    public void Malformed_input_is_refused(string hex, string what)
    {
        _ = what;
        Assert.Throws<SerializerException>(() =>
        {
            var reader = new CborReader(Convert.FromHexString(hex));
            reader.Skip();
            reader.Skip();
        });
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_refused() =>
        Assert.Throws<SerializerException>(() => new CborReader([0x61, 0xFF]).ReadText());

    [Fact]
    public void A_length_is_checked_before_anything_is_allocated()
    {
        var codecs = Wire.NewProvider();
        _ = codecs.RoundTrip<long[]>([1]);
        byte[] bomb = [0x9A, 0x7F, 0xFF, 0xFF, 0xFF, 0x00];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SerializerException>(() => codecs.Read<long[]>(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    [Fact]
    public void An_array_grows_with_its_elements_and_not_with_its_length()
    {
        var codecs = Wire.NewProvider();
        _ = codecs.RoundTrip<decimal[]>([1]);
        var bomb = new byte[5 + (1 << 20)];
        bomb[0] = 0x9A;
        bomb[2] = 0x10; // 2^20 elements, as many as there are bytes; the first one is malformed
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SerializerException>(() => codecs.Read<decimal[]>(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 << 10);
    }

    [Fact]
    public void Nesting_is_bounded_when_reading()
    {
        var codecs = Wire.NewProvider();
        var deep = new byte[1 << 16];
        for (var i = 0; i < deep.Length; i += 2)
        {
            deep[i] = 0xA1; // {0: {0: …
        }

        Assert.Throws<SerializerException>(() => codecs.Read<Node>(deep));
    }

    [Fact]
    public void Skipping_deeply_nested_input_needs_no_stack()
    {
        var deep = new byte[1 << 20];
        deep.AsSpan().Fill(0x81);
        deep[^1] = 0x00;
        var reader = new CborReader(deep);
        reader.Skip();
        Assert.Equal(deep.Length, reader.BytesRead);
    }

    [Fact]
    public void A_value_that_contains_itself_is_refused_when_written_and_when_copied()
    {
        var codecs = Wire.NewProvider();
        var node = new Node();
        node.Next = node;
        Assert.Throws<SerializerException>(() => codecs.Write(node));
        Assert.Throws<InsufficientExecutionStackException>(() => codecs.Get<Node>().Copy(node));
    }

    [Fact]
    public void Input_in_several_segments_reads_like_one()
    {
        var codecs = Wire.NewProvider();
        var bytes = codecs.Write(new List<string> { "one", "two", new('x', 5000) });
        var first = new Segment(bytes.AsMemory(0, 3));
        var last = first.Append(bytes.AsMemory(3, 2)).Append(bytes.AsMemory(5));
        var reader = new CborReader(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
        Assert.Equal(["one", "two", new('x', 5000)], codecs.Get<List<string>>().Read(ref reader));
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
