using System.Collections.Immutable;

namespace Vault.Runtime.Serialization;

/// <summary>
/// A dictionary is a map from key to value, in its own order; it travels without a comparer, which must be the default
/// one.
/// </summary>
internal sealed class DictionaryCodec<TKey, TValue> : Codec<Dictionary<TKey, TValue>?>
    where TKey : notnull
{
    private Codec<TKey> _key = null!;
    private Codec<TValue> _value = null!;

    public override void Bind(CodecProvider codecs)
    {
        _key = codecs.Get<TKey>();
        _value = codecs.Get<TValue>();
    }

    public override void Write(ref CborWriter writer, Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        Comparers.RequireDefault(value.Comparer);
        writer.BeginMap(value.Count);
        foreach (var (key, element) in value)
        {
            _key.Write(ref writer, key);
            _value.Write(ref writer, element);
        }

        writer.End();
    }

    public override Dictionary<TKey, TValue>? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        var count = reader.BeginMap();
        var result = new Dictionary<TKey, TValue>(Math.Min(count, CborLimits.MaxInitialCapacity));
        for (; count > 0; count--)
        {
            var key = _key.Read(ref reader);
            if (key is null || !result.TryAdd(key, _value.Read(ref reader)))
            {
                reader.Throw("a dictionary key is null or repeated");
            }
        }

        reader.End();
        return result;
    }

    public override Dictionary<TKey, TValue>? Copy(Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            return null;
        }

        var copy = new Dictionary<TKey, TValue>(value.Count, value.Comparer);
        foreach (var (key, element) in value)
        {
            copy.Add(_key.Copy(key), _value.Copy(element));
        }

        return copy;
    }
}

internal sealed class ImmutableDictionaryCodec<TKey, TValue> : Codec<ImmutableDictionary<TKey, TValue>?>
    where TKey : notnull
{
    private Codec<Dictionary<TKey, TValue>?> _dictionary = null!;
    private Codec<(TKey, TValue)> _pair = null!;

    public override bool IsImmutable => _pair.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _dictionary = codecs.Get<Dictionary<TKey, TValue>?>();
        _pair = codecs.Get<(TKey, TValue)>();
    }

    public override void Write(ref CborWriter writer, ImmutableDictionary<TKey, TValue>? value)
    {
        if (value is not null)
        {
            Comparers.RequireDefault(value.KeyComparer);
        }

        _dictionary.Write(ref writer, value is null ? null : new Dictionary<TKey, TValue>(value));
    }

    public override ImmutableDictionary<TKey, TValue>? Read(ref CborReader reader) =>
        _dictionary.Read(ref reader)?.ToImmutableDictionary();

    public override ImmutableDictionary<TKey, TValue>? Copy(ImmutableDictionary<TKey, TValue>? value) =>
        value is null || IsImmutable
            ? value
            : _dictionary.Copy(new Dictionary<TKey, TValue>(value))!.ToImmutableDictionary(value.KeyComparer);
}

internal sealed class KeyValuePairCodec<TKey, TValue> : Codec<KeyValuePair<TKey, TValue>>
{
    private Codec<(TKey, TValue)> _pair = null!;

    public override bool IsImmutable => _pair.IsImmutable;

    public override void Bind(CodecProvider codecs) => _pair = codecs.Get<(TKey, TValue)>();

    public override void Write(ref CborWriter writer, KeyValuePair<TKey, TValue> value) =>
        _pair.Write(ref writer, (value.Key, value.Value));

    public override KeyValuePair<TKey, TValue> Read(ref CborReader reader)
    {
        var (key, value) = _pair.Read(ref reader);
        return new(key, value);
    }

    public override KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value)
    {
        var (key, element) = _pair.Copy((value.Key, value.Value));
        return new(key, element);
    }
}
