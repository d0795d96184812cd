namespace Vault.Runtime.Serialization;

/// <summary>Lets a type travel as its surrogate, by a converter marked <c>[RegisterConverter]</c>.</summary>
/// <typeparam name="TValue">The type without attributes.</typeparam>
/// <typeparam name="TSurrogate">The struct that is written instead.</typeparam>
/// <typeparam name="TConverter">Converts both ways.</typeparam>
/// <remarks>
/// A copy is made by converting there and back, unless the surrogate is immutable: then the value counts as immutable
/// too.
/// </remarks>
public sealed class SurrogateCodec<TValue, TSurrogate, TConverter> : Codec<TValue>
    where TSurrogate : struct
    where TConverter : IConverter<TValue, TSurrogate>, new()
{
    private readonly TConverter _converter = new();
    private Codec<TSurrogate> _surrogate = null!;

    /// <inheritdoc/>
    public override bool IsImmutable => _surrogate.IsImmutable;

    /// <inheritdoc/>
    public override void Bind(CodecProvider codecs)
    {
        ArgumentNullException.ThrowIfNull(codecs);
        _surrogate = codecs.Get<TSurrogate>();
    }

    /// <inheritdoc/>
    public override void Write(ref CborWriter writer, TValue value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        _surrogate.Write(ref writer, _converter.ConvertToSurrogate(in value));
    }

    /// <inheritdoc/>
    public override TValue Read(ref CborReader reader)
    {
        if (default(TValue) is null && reader.TryReadNull())
        {
            return default!;
        }

        var surrogate = _surrogate.Read(ref reader);
        return _converter.ConvertFromSurrogate(in surrogate);
    }

    /// <inheritdoc/>
    public override TValue Copy(TValue value)
    {
        if (value is null || _surrogate.IsImmutable)
        {
            return value;
        }

        var surrogate = _surrogate.Copy(_converter.ConvertToSurrogate(in value));
        return _converter.ConvertFromSurrogate(in surrogate);
    }
}
