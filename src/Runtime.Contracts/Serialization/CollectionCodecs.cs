using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Vault.Runtime.Serialization;

/// <summary>The elements of a sequence, as an array that grows no faster than elements arrive.</summary>
internal static class Elements
{
    public static T[] Read<T>(ref CborReader reader, Codec<T> codec)
    {
        var count = reader.BeginArray();
        if (count == 0)
        {
            reader.End();
            return [];
        }

        var elements = new T[Math.Min(count, CborLimits.MaxInitialCapacity)];
        for (var i = 0; i < count; i++)
        {
            if (i == elements.Length)
            {
                Array.Resize(ref elements, (int)Math.Min(count, 2L * elements.Length));
            }

            elements[i] = codec.Read(ref reader);
        }

        reader.End();
        return elements;
    }

    public static void Write<T>(ref CborWriter writer, Codec<T> codec, ReadOnlySpan<T> elements)
    {
        writer.BeginArray(elements.Length);
        foreach (var element in elements)
        {
            codec.Write(ref writer, element);
        }

        writer.End();
    }

    public static T[] Copy<T>(Codec<T> codec, ReadOnlySpan<T> elements)
    {
        var copy = elements.ToArray();
        if (!codec.IsImmutable)
        {
            foreach (ref var element in copy.AsSpan())
            {
                element = codec.Copy(element);
            }
        }

        return copy;
    }
}

internal sealed class ArrayCodec<T> : Codec<T[]?>
{
    private Codec<T> _element = null!;

    public override void Bind(CodecProvider codecs) => _element = codecs.Get<T>();

    public override void Write(ref CborWriter writer, T[]? value)
    {
        if (value is null)
        {
            writer.WriteNull();
        }
        else
        {
            Elements.Write<T>(ref writer, _element, value);
        }
    }

    public override T[]? Read(ref CborReader reader) =>
        reader.TryReadNull() ? null : Elements.Read(ref reader, _element);

    public override T[]? Copy(T[]? value) => value is null ? null : Elements.Copy<T>(_element, value);
}

/// <summary>An immutable array; the default one is null. Copied only when its elements need it.</summary>
internal sealed class ImmutableArrayCodec<T> : Codec<ImmutableArray<T>>
{
    private Codec<T> _element = null!;

    public override bool IsImmutable => _element.IsImmutable;

    public override void Bind(CodecProvider codecs) => _element = codecs.Get<T>();

    public override void Write(ref CborWriter writer, ImmutableArray<T> value)
    {
        if (value.IsDefault)
        {
            writer.WriteNull();
        }
        else
        {
            Elements.Write(ref writer, _element, value.AsSpan());
        }
    }

    public override ImmutableArray<T> Read(ref CborReader reader) =>
        reader.TryReadNull()
            ? default
            : ImmutableCollectionsMarshal.AsImmutableArray(Elements.Read(ref reader, _element));

    public override ImmutableArray<T> Copy(ImmutableArray<T> value) => value.IsDefault || _element.IsImmutable
        ? value
        : ImmutableCollectionsMarshal.AsImmutableArray(Elements.Copy(_element, value.AsSpan()));
}

internal sealed class ListCodec<T> : Codec<List<T>?>
{
    private Codec<T> _element = null!;

    public override void Bind(CodecProvider codecs) => _element = codecs.Get<T>();

    public override void Write(ref CborWriter writer, List<T>? value)
    {
        if (value is null)
        {
            writer.WriteNull();
        }
        else
        {
            Elements.Write<T>(ref writer, _element, CollectionsMarshal.AsSpan(value));
        }
    }

    public override List<T>? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        var count = reader.BeginArray();
        var list = new List<T>(Math.Min(count, CborLimits.MaxInitialCapacity));
        for (; count > 0; count--)
        {
            list.Add(_element.Read(ref reader));
        }

        reader.End();
        return list;
    }

    public override List<T>? Copy(List<T>? value)
    {
        if (value is null)
        {
            return null;
        }

        var copy = new List<T>(value);
        if (!_element.IsImmutable)
        {
            foreach (ref var element in CollectionsMarshal.AsSpan(copy))
            {
                element = _element.Copy(element);
            }
        }

        return copy;
    }
}

/// <summary>A set travels without its comparer, which must be the default one.</summary>
internal sealed class HashSetCodec<T> : Codec<HashSet<T>?>
{
    private Codec<T> _element = null!;

    public override void Bind(CodecProvider codecs) => _element = codecs.Get<T>();

    public override void Write(ref CborWriter writer, HashSet<T>? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        Comparers.RequireDefault(value.Comparer);
        writer.BeginArray(value.Count);
        foreach (var element in value)
        {
            _element.Write(ref writer, element);
        }

        writer.End();
    }

    public override HashSet<T>? Read(ref CborReader reader) =>
        reader.TryReadNull() ? null : [.. Elements.Read(ref reader, _element)];

    public override HashSet<T>? Copy(HashSet<T>? value)
    {
        if (value is null)
        {
            return null;
        }

        if (_element.IsImmutable)
        {
            return new HashSet<T>(value, value.Comparer);
        }

        var copy = new HashSet<T>(value.Count, value.Comparer);
        foreach (var element in value)
        {
            copy.Add(_element.Copy(element));
        }

        return copy;
    }
}
