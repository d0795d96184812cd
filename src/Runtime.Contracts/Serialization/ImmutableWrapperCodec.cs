using Orleans.Concurrency;

namespace Vault.Runtime.Serialization;

/// <summary>A value whose owner promises not to change it: written as the value itself, never copied.</summary>
internal sealed class ImmutableWrapperCodec<T> : ImmutableCodec<Immutable<T>>
{
    private Codec<T> _value = null!;

    public override void Bind(CodecProvider codecs) => _value = codecs.Get<T>();

    public override void Write(ref CborWriter writer, Immutable<T> value) => _value.Write(ref writer, value.Value);

    public override Immutable<T> Read(ref CborReader reader) => new(_value.Read(ref reader));
}
