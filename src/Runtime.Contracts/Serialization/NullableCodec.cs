namespace Vault.Runtime.Serialization;

internal sealed class NullableCodec<T> : Codec<T?>
    where T : struct
{
    private Codec<T> _value = null!;

    public override bool IsImmutable => _value.IsImmutable;

    public override void Bind(CodecProvider codecs) => _value = codecs.Get<T>();

    public override void Write(ref CborWriter writer, T? value)
    {
        if (value is { } present)
        {
            _value.Write(ref writer, present);
        }
        else
        {
            writer.WriteNull();
        }
    }

    public override T? Read(ref CborReader reader) => reader.TryReadNull() ? null : _value.Read(ref reader);

    public override T? Copy(T? value) => value is { } present ? _value.Copy(present) : null;
}
