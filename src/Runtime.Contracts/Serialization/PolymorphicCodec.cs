using Orleans.Serialization;

namespace Vault.Runtime.Serialization;

/// <summary>
/// A value declared as a base type: an array of its alias and its body. Only types that were registered, and that fit
/// the declared one, can be written or read.
/// </summary>
internal sealed class PolymorphicCodec<T> : Codec<T?>
    where T : class
{
    private readonly Dictionary<Type, Case> _byType = [];
    private readonly Dictionary<byte[], Case> _byAlias = new(Utf8Comparer.Instance);
    private CodecProvider _codecs = null!;

    public override void Bind(CodecProvider codecs)
    {
        _codecs = codecs;
        foreach (var entry in codecs.Registry.Entries)
        {
            if (typeof(T).IsAssignableFrom(entry.Type) && !entry.Type.IsAbstract
                && !typeof(Exception).IsAssignableFrom(entry.Type))
            {
                var one = new Case(entry);
                _byType.Add(entry.Type, one);
                _byAlias.Add(entry.Utf8Alias, one);
            }
        }
    }

    public override void Write(ref CborWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteNull();
            return;
        }

        var one = CaseOf(value);
        writer.BeginArray(2);
        writer.WriteUtf8Text(one.Entry.Utf8Alias);
        one.Codec(_codecs).WriteObject(ref writer, value);
        writer.End();
    }

    public override T? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        reader.BeginArray(2);
        var alias = reader.ReadUtf8Text();
        if (!_byAlias.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(alias, out var one))
        {
            reader.Throw($"it names a type that is not a registered {typeof(T)}");
        }

        var value = (T?)one.Codec(_codecs).ReadObject(ref reader);
        reader.End();
        return value;
    }

    public override T? Copy(T? value) => value is null ? null : (T?)CaseOf(value).Codec(_codecs).CopyObject(value);

    private Case CaseOf(T value) => _byType.TryGetValue(value.GetType(), out var one)
        ? one
        : throw new CodecNotFoundException(
            $"{value.GetType()} has no codec: mark it [GenerateSerializer] and give it an [Alias] to let it travel as "
            + $"{typeof(T)}.");

    private sealed class Case(CodecEntry entry)
    {
        private Codec? _codec;

        public CodecEntry Entry => entry;

        public Codec Codec(CodecProvider codecs) => _codec ??= codecs.GetExact(entry.Type);
    }
}
