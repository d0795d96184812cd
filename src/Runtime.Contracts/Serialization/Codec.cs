namespace Vault.Runtime.Serialization;

/// <summary>
/// Writes, reads and copies values of one type. Instances are made and bound by a <see cref="CodecProvider"/>.
/// </summary>
public abstract class Codec
{
    private protected Codec()
    {
    }

    /// <summary>The static type whose values this codec handles.</summary>
    public abstract Type ValueType { get; }

    /// <summary>Whether copying is the identity, so that callers may leave it out.</summary>
    public virtual bool IsImmutable => false;

    /// <summary>
    /// Whether the codec handles values of exactly <see cref="ValueType"/>, so that an unsealed type needs aliases.
    /// </summary>
    internal virtual bool IsExactOnly => false;

    /// <summary>Called once, before first use, to fetch the codecs of the parts; these may not be bound yet.</summary>
    public virtual void Bind(CodecProvider codecs)
    {
    }

    /// <summary>Writes a value given as an object.</summary>
    public abstract void WriteObject(ref CborWriter writer, object? value);

    /// <summary>Reads a value as an object.</summary>
    public abstract object? ReadObject(ref CborReader reader);

    /// <summary>Copies a value given as an object.</summary>
    public abstract object? CopyObject(object? value);
}

/// <summary>Writes, reads and copies values of type <typeparamref name="T"/>.</summary>
/// <remarks>
/// A codec of a reference type writes null as CBOR null. Codecs are immutable after binding and used by many threads.
/// </remarks>
public abstract class Codec<T> : Codec
{
    /// <inheritdoc/>
    public sealed override Type ValueType => typeof(T);

    /// <summary>Writes exactly one CBOR value.</summary>
    public abstract void Write(ref CborWriter writer, T value);

    /// <summary>Reads exactly one CBOR value.</summary>
    /// <exception cref="Orleans.Serialization.SerializerException">The input is malformed or holds another
    /// type.</exception>
    public abstract T Read(ref CborReader reader);

    /// <summary>Returns a value that shares no mutable state with <paramref name="value"/>.</summary>
    public virtual T Copy(T value) => value;

    /// <inheritdoc/>
    public sealed override void WriteObject(ref CborWriter writer, object? value) => Write(ref writer, (T)value!);

    /// <inheritdoc/>
    public sealed override object? ReadObject(ref CborReader reader) => Read(ref reader);

    /// <inheritdoc/>
    public sealed override object? CopyObject(object? value) => Copy((T)value!);
}

/// <summary>Codec of a type whose values cannot change.</summary>
internal abstract class ImmutableCodec<T> : Codec<T>
{
    public sealed override bool IsImmutable => true;

    public sealed override T Copy(T value) => value;
}
