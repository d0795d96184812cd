using System.Buffers;
using System.Collections;
using System.Reflection;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class RoundTripTests
{
    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, RandomValues.Makers.Count)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Every_type_comes_back_as_it_was_written_and_as_it_was_copied(int index)
    {
        var (type, make) = RandomValues.Makers[index];
        var codec = Wire.NewProvider().Get(type);
        var random = new Random(41 + index);
        for (var i = 0; i < 60; i++)
        {
            var value = make(random);
            var output = new ArrayBufferWriter<byte>();
            var writer = new CborWriter(output);
            codec.WriteObject(ref writer, value);
            writer.WriteInt64(4711); // the codec must stop exactly at its end
            writer.Flush();
            var reader = new CborReader(output.WrittenSpan);
            AssertSame(value, codec.ReadObject(ref reader));
            Assert.Equal(4711, reader.ReadInt64());
            AssertSame(value, codec.CopyObject(value));
        }
    }

    /// <summary>Equality by content, as far as the sample types need it.</summary>
    internal static void AssertSame(object? expected, object? actual)
    {
        switch (expected, actual)
        {
            case (null, null):
                return;
            case (ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right):
                Assert.Equal(left.ToArray(), right.ToArray());
                return;
            case (Memory<byte> left, Memory<byte> right):
                Assert.Equal(left.ToArray(), right.ToArray());
                return;
            case (string left, string right):
                Assert.Equal(left, right);
                return;
            case (IEnumerable, IEnumerable) when IsDefault(expected):
                Assert.True(IsDefault(actual));
                return;
            case (IEnumerable left, IEnumerable right):
                Assert.Equal(expected.GetType(), actual.GetType());
                if (expected.GetType().Name.StartsWith("ImmutableDictionary", StringComparison.Ordinal))
                {
                    Assert.Equal(expected, actual);
                    return;
                }

                var (one, other) = (left.Cast<object?>().ToList(), right.Cast<object?>().ToList());
                Assert.Equal(one.Count, other.Count);
                for (var i = 0; i < one.Count; i++)
                {
                    AssertSame(one[i], other[i]);
                }

                return;
        }

        Assert.NotNull(expected);
        Assert.NotNull(actual);
        Assert.Equal(expected.GetType(), actual.GetType());
        if (expected.GetType().Assembly != typeof(RoundTripTests).Assembly || expected.GetType().IsEnum)
        {
            Assert.Equal(expected, actual);
            return;
        }

        foreach (var property in expected.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            AssertSame(property.GetValue(expected), property.GetValue(actual));
        }
    }

    private static bool IsDefault(object sequence) =>
        sequence.GetType().Name == "ImmutableArray`1"
        && (bool)sequence.GetType().GetProperty("IsDefault")!.GetValue(sequence)!;
}
