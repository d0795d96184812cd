using System.Buffers;
using Vault.Runtime.Serialization;

namespace Orleans.Serialization;

/// <summary>Serializes values of any type that has a codec.</summary>
public sealed class Serializer
{
    private readonly CodecProvider _codecs;

    internal Serializer(CodecProvider codecs) => _codecs = codecs;

    /// <summary>Returns a serializer for one type.</summary>
    public Serializer<T> GetSerializer<T>() => new(_codecs);

    /// <summary>Serializes <paramref name="value"/> into a new array.</summary>
    /// <exception cref="CodecNotFoundException">The type has no codec.</exception>
    public byte[] SerializeToArray<T>(T value) => GetSerializer<T>().SerializeToArray(value);

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize<T>(byte[] source) => GetSerializer<T>().Deserialize(source);

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> source) => GetSerializer<T>().Deserialize(source);

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize<T>(ReadOnlySpan<byte> source) => GetSerializer<T>().Deserialize(source);

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize<T>(ReadOnlySequence<byte> source) => GetSerializer<T>().Deserialize(source);
}

/// <summary>Serializes values of one type.</summary>
public sealed class Serializer<T>
{
    private readonly Codec<T> _codec;

    internal Serializer(CodecProvider codecs) => _codec = codecs.Get<T>();

    /// <summary>Serializes <paramref name="value"/> into a new array.</summary>
    public byte[] SerializeToArray(T value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        _codec.Write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize(byte[] source) => Deserialize(source.AsSpan());

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize(ReadOnlyMemory<byte> source) => Deserialize(source.Span);

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize(ReadOnlySpan<byte> source)
    {
        var reader = new CborReader(source);
        return _codec.Read(ref reader);
    }

    /// <summary>Deserializes a value.</summary>
    /// <exception cref="SerializerException">The input is malformed.</exception>
    public T Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new CborReader(source);
        return _codec.Read(ref reader);
    }
}
