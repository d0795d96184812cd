using Vault.Runtime.Serialization;

namespace Orleans.Serialization;

/// <summary>Copies values of any type that has a codec, as arguments and results of grain calls are copied.</summary>
public sealed class DeepCopier
{
    private readonly CodecProvider _codecs;

    internal DeepCopier(CodecProvider codecs) => _codecs = codecs;

    /// <summary>Returns a copier for one type.</summary>
    public DeepCopier<T> GetCopier<T>() => new(_codecs);

    /// <summary>Returns a value that shares no mutable state with <paramref name="value"/>.</summary>
    /// <exception cref="CodecNotFoundException">The type has no codec.</exception>
    public T Copy<T>(T value) => _codecs.Get<T>().Copy(value);
}

/// <summary>Copies values of one type.</summary>
public sealed class DeepCopier<T>
{
    private readonly Codec<T> _codec;

    internal DeepCopier(CodecProvider codecs) => _codec = codecs.Get<T>();

    /// <summary>Returns a value that shares no mutable state with <paramref name="value"/>.</summary>
    public T Copy(T value) => _codec.Copy(value);
}
