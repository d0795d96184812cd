using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Vault.Runtime.Serialization;

internal sealed class ByteArrayCodec : Codec<byte[]?>
{
    public override void Write(ref CborWriter writer, byte[]? value)
    {
        if (value is null)
        {
            writer.WriteNull();
        }
        else
        {
            writer.WriteBytes(value);
        }
    }

    public override byte[]? Read(ref CborReader reader) => reader.TryReadNull() ? null : reader.ReadBytes().ToArray();

    public override byte[]? Copy(byte[]? value) => value is null ? null : value.AsSpan().ToArray();
}

internal sealed class ReadOnlyMemoryCodec : Codec<ReadOnlyMemory<byte>>
{
    public override void Write(ref CborWriter writer, ReadOnlyMemory<byte> value) => writer.WriteBytes(value.Span);

    public override ReadOnlyMemory<byte> Read(ref CborReader reader) => reader.ReadBytes().ToArray();

    public override ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value) => value.ToArray();
}

internal sealed class MemoryCodec : Codec<Memory<byte>>
{
    public override void Write(ref CborWriter writer, Memory<byte> value) => writer.WriteBytes(value.Span);

    public override Memory<byte> Read(ref CborReader reader) => reader.ReadBytes().ToArray();

    public override Memory<byte> Copy(Memory<byte> value) => value.ToArray();
}

/// <summary>An immutable array of bytes is a byte string; the default one is null.</summary>
internal sealed class ImmutableByteArrayCodec : ImmutableCodec<ImmutableArray<byte>>
{
    public override void Write(ref CborWriter writer, ImmutableArray<byte> value)
    {
        if (value.IsDefault)
        {
            writer.WriteNull();
        }
        else
        {
            writer.WriteBytes(value.AsSpan());
        }
    }

    public override ImmutableArray<byte> Read(ref CborReader reader) =>
        reader.TryReadNull() ? default : ImmutableCollectionsMarshal.AsImmutableArray(reader.ReadBytes().ToArray());
}
