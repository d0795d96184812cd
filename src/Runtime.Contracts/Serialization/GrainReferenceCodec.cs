namespace Vault.Runtime.Serialization;

/// <summary>
/// A grain or observer declared as an interface travels as its id and the interface's name; copies are by reference.
/// </summary>
internal sealed class GrainReferenceCodec<T> : Codec<T?>
    where T : class, IAddressable
{
    private readonly GrainIdCodec _id = new();
    private CodecProvider _codecs = null!;

    public override void Bind(CodecProvider codecs) => _codecs = codecs;

    public override void Write(ref CborWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        var reference = Reference(value);
        writer.BeginArray(2);
        _id.Write(ref writer, reference.GrainId);
        writer.WriteText(reference.InterfaceName);
        writer.End();
    }

    public override T? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        reader.BeginArray(2);
        var id = _id.Read(ref reader);
        var name = reader.ReadText() ?? string.Empty;
        reader.End();
        var references = _codecs.References
            ?? throw new InvalidOperationException("References to grains can only be read inside a silo or a client.");
        if (references.Create(id, name) is not T typed)
        {
            reader.Throw($"it holds a reference that is not a {typeof(T)}");
            return null;
        }

        return typed;
    }

    public override T? Copy(T? value) => value is null or GrainReference ? value : (T)(object)Reference(value);

    /// <summary>A grain that passes itself passes its reference.</summary>
    private static GrainReference Reference(T value) => (GrainReference)(object)value.AsReference<T>();
}
