using System.Net;

namespace Vault.Runtime.Serialization;

/// <summary>A name that is bytes on the wire; the default one is empty.</summary>
internal sealed class IdSpanCodec : ImmutableCodec<IdSpan>
{
    public override void Write(ref CborWriter writer, IdSpan value) => writer.WriteBytes(value.AsSpan());

    public override IdSpan Read(ref CborReader reader) =>
        reader.ReadBytes() is { IsEmpty: false } bytes ? new IdSpan(bytes.ToArray()) : default;
}

internal sealed class GrainTypeCodec : ImmutableCodec<GrainType>
{
    private readonly IdSpanCodec _value = new();

    public override void Write(ref CborWriter writer, GrainType value) => _value.Write(ref writer, value.Value);

    public override GrainType Read(ref CborReader reader) => new(_value.Read(ref reader));
}

internal sealed class GrainInterfaceTypeCodec : ImmutableCodec<GrainInterfaceType>
{
    private readonly IdSpanCodec _value = new();

    public override void Write(ref CborWriter writer, GrainInterfaceType value) =>
        _value.Write(ref writer, value.Value);

    public override GrainInterfaceType Read(ref CborReader reader) => new(_value.Read(ref reader));
}

internal sealed class GrainIdCodec : ImmutableCodec<GrainId>
{
    private readonly IdSpanCodec _part = new();

    public override void Write(ref CborWriter writer, GrainId value)
    {
        writer.BeginArray(2);
        _part.Write(ref writer, value.Type.Value);
        _part.Write(ref writer, value.Key);
        writer.End();
    }

    public override GrainId Read(ref CborReader reader)
    {
        reader.BeginArray(2);
        var type = new GrainType(_part.Read(ref reader));
        var key = _part.Read(ref reader);
        reader.End();
        return new GrainId(type, key);
    }
}

/// <summary>A silo address is an array of address bytes, port and generation.</summary>
internal sealed class SiloAddressCodec : ImmutableCodec<SiloAddress?>
{
    public override void Write(ref CborWriter writer, SiloAddress? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        Span<byte> address = stackalloc byte[16];
        value.Endpoint.Address.TryWriteBytes(address, out var length);
        writer.BeginArray(3);
        writer.WriteBytes(address[..length]);
        writer.WriteInt64(value.Endpoint.Port);
        writer.WriteInt64(value.Generation);
        writer.End();
    }

    public override SiloAddress? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        reader.BeginArray(3);
        var address = reader.ReadBytes();
        if (address.Length is not (4 or 16))
        {
            reader.Throw("an address has neither 4 nor 16 bytes");
        }

        var endpoint = new IPEndPoint(
            new IPAddress(address), (int)reader.ReadInt64(IPEndPoint.MinPort, IPEndPoint.MaxPort));
        var generation = reader.ReadInt32();
        reader.End();
        return SiloAddress.New(endpoint, generation);
    }
}
