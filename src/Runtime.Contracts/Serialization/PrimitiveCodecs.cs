using System.Buffers.Binary;

namespace Vault.Runtime.Serialization;

internal sealed class BooleanCodec : ImmutableCodec<bool>
{
    public override void Write(ref CborWriter writer, bool value) => writer.WriteBoolean(value);

    public override bool Read(ref CborReader reader) => reader.ReadBoolean();
}

internal sealed class ByteCodec : ImmutableCodec<byte>
{
    public override void Write(ref CborWriter writer, byte value) => writer.WriteUInt64(value);

    public override byte Read(ref CborReader reader) => (byte)reader.ReadInt64(byte.MinValue, byte.MaxValue);
}

internal sealed class SByteCodec : ImmutableCodec<sbyte>
{
    public override void Write(ref CborWriter writer, sbyte value) => writer.WriteInt64(value);

    public override sbyte Read(ref CborReader reader) => (sbyte)reader.ReadInt64(sbyte.MinValue, sbyte.MaxValue);
}

internal sealed class Int16Codec : ImmutableCodec<short>
{
    public override void Write(ref CborWriter writer, short value) => writer.WriteInt64(value);

    public override short Read(ref CborReader reader) => (short)reader.ReadInt64(short.MinValue, short.MaxValue);
}

internal sealed class UInt16Codec : ImmutableCodec<ushort>
{
    public override void Write(ref CborWriter writer, ushort value) => writer.WriteUInt64(value);

    public override ushort Read(ref CborReader reader) => (ushort)reader.ReadInt64(ushort.MinValue, ushort.MaxValue);
}

internal sealed class CharCodec : ImmutableCodec<char>
{
    public override void Write(ref CborWriter writer, char value) => writer.WriteUInt64(value);

    public override char Read(ref CborReader reader) => (char)reader.ReadInt64(char.MinValue, char.MaxValue);
}

internal sealed class Int32Codec : ImmutableCodec<int>
{
    public override void Write(ref CborWriter writer, int value) => writer.WriteInt64(value);

    public override int Read(ref CborReader reader) => reader.ReadInt32();
}

internal sealed class UInt32Codec : ImmutableCodec<uint>
{
    public override void Write(ref CborWriter writer, uint value) => writer.WriteUInt64(value);

    public override uint Read(ref CborReader reader) => (uint)reader.ReadInt64(uint.MinValue, uint.MaxValue);
}

internal sealed class Int64Codec : ImmutableCodec<long>
{
    public override void Write(ref CborWriter writer, long value) => writer.WriteInt64(value);

    public override long Read(ref CborReader reader) => reader.ReadInt64();
}

internal sealed class UInt64Codec : ImmutableCodec<ulong>
{
    public override void Write(ref CborWriter writer, ulong value) => writer.WriteUInt64(value);

    public override ulong Read(ref CborReader reader) => reader.ReadUInt64();
}

internal sealed class SingleCodec : ImmutableCodec<float>
{
    public override void Write(ref CborWriter writer, float value) => writer.WriteSingle(value);

    public override float Read(ref CborReader reader) => (float)reader.ReadDouble();
}

internal sealed class DoubleCodec : ImmutableCodec<double>
{
    public override void Write(ref CborWriter writer, double value) => writer.WriteDouble(value);

    public override double Read(ref CborReader reader) => reader.ReadDouble();
}

internal sealed class StringCodec : ImmutableCodec<string?>
{
    public override void Write(ref CborWriter writer, string? value) => writer.WriteText(value);

    public override string? Read(ref CborReader reader) => reader.ReadText();
}

internal sealed class DecimalCodec : ImmutableCodec<decimal>
{
    public override void Write(ref CborWriter writer, decimal value)
    {
        Span<int> words = stackalloc int[4];
        decimal.GetBits(value, words);
        var target = writer.WriteBytes(16);
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(target[(4 * i)..], words[i]);
        }
    }

    public override decimal Read(ref CborReader reader)
    {
        var bytes = reader.ReadBytes(16);
        Span<int> words = stackalloc int[4];
        for (var i = 0; i < 4; i++)
        {
            words[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(4 * i)..]);
        }

        // a sign bit and a scale of at most 28; everything else in the flags word is reserved
        if ((words[3] & 0x7F00FFFF) != 0 || ((words[3] >> 16) & 0xFF) > 28)
        {
            reader.Throw("a decimal is out of range");
        }

        return new decimal(words);
    }
}

internal sealed class UInt128Codec : ImmutableCodec<UInt128>
{
    public override void Write(ref CborWriter writer, UInt128 value) =>
        BinaryPrimitives.WriteUInt128BigEndian(writer.WriteBytes(16), value);

    public override UInt128 Read(ref CborReader reader) => BinaryPrimitives.ReadUInt128BigEndian(reader.ReadBytes(16));
}

internal sealed class Int128Codec : ImmutableCodec<Int128>
{
    public override void Write(ref CborWriter writer, Int128 value) =>
        BinaryPrimitives.WriteInt128BigEndian(writer.WriteBytes(16), value);

    public override Int128 Read(ref CborReader reader) => BinaryPrimitives.ReadInt128BigEndian(reader.ReadBytes(16));
}

internal sealed class GuidCodec : ImmutableCodec<Guid>
{
    public override void Write(ref CborWriter writer, Guid value) =>
        value.TryWriteBytes(writer.WriteBytes(16), bigEndian: true, out _);

    public override Guid Read(ref CborReader reader) => new(reader.ReadBytes(16), bigEndian: true);
}

internal sealed class UriCodec : ImmutableCodec<Uri?>
{
    public override void Write(ref CborWriter writer, Uri? value) => writer.WriteText(value?.OriginalString);

    public override Uri? Read(ref CborReader reader)
    {
        var text = reader.ReadText();
        if (text is null)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var uri))
        {
            reader.Throw("a text is not a URI");
        }

        return uri;
    }
}

internal sealed class VersionCodec : ImmutableCodec<Version?>
{
    public override void Write(ref CborWriter writer, Version? value) => writer.WriteText(value?.ToString());

    public override Version? Read(ref CborReader reader)
    {
        var text = reader.ReadText();
        if (text is null)
        {
            return null;
        }

        if (!Version.TryParse(text, out var version))
        {
            reader.Throw("a text is not a version");
        }

        return version;
    }
}
