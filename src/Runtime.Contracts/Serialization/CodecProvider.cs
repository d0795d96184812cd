using System.Collections.Concurrent;
using Orleans.Serialization;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Serialization;

/// <summary>
/// Makes, binds and keeps the codecs of one silo or client. Reflection happens here, once per type, never per call.
/// </summary>
public sealed class CodecProvider(CodecRegistry registry)
{
    private readonly ConcurrentDictionary<Type, Codec> _declared = new();
    private readonly ConcurrentDictionary<Type, Codec> _exact = new();
    private readonly List<KeyValuePair<ConcurrentDictionary<Type, Codec>, Codec>> _unpublished = [];
    private readonly Lock _making = new();
    private int _depth;

    /// <summary>Turns grain ids into references; set by the engine before the first call.</summary>
    public GrainReferences? References { get; set; }

    internal CodecRegistry Registry => registry;

    /// <summary>The codec of values declared as <typeparamref name="T"/>.</summary>
    /// <exception cref="CodecNotFoundException">No codec can be made for the type or one of its parts.</exception>
    public Codec<T> Get<T>() => (Codec<T>)Get(typeof(T));

    /// <summary>The codec of values declared as <paramref name="type"/>.</summary>
    /// <exception cref="CodecNotFoundException">No codec can be made for the type or one of its parts.</exception>
    public Codec Get(Type type) =>
        _declared.TryGetValue(type, out var codec) ? codec : Make(type, _declared, MakeDeclared);

    /// <summary>The codec of values whose own type is <paramref name="type"/>, for use behind an alias.</summary>
    internal Codec GetExact(Type type) =>
        _exact.TryGetValue(type, out var codec) ? codec : Make(type, _exact, MakeExact);

    private Codec Make(Type type, ConcurrentDictionary<Type, Codec> made, Func<Type, Codec> make)
    {
        lock (_making)
        {
            if (made.TryGetValue(type, out var codec))
            {
                return codec;
            }

            foreach (var (where, waiting) in _unpublished)
            {
                if (where == made && waiting.ValueType == type)
                {
                    return waiting; // a type that contains itself: its codec is being bound further up
                }
            }

            _depth++;
            try
            {
                codec = make(type);
                _unpublished.Add(new(made, codec));
                codec.Bind(this);
                if (_depth == 1)
                {
                    foreach (var (where, bound) in _unpublished)
                    {
                        where[bound.ValueType] = bound;
                    }
                }

                return codec;
            }
            finally
            {
                if (--_depth == 0)
                {
                    _unpublished.Clear();
                }
            }
        }
    }

    private Codec MakeExact(Type type) => registry.Find(type)?.Create() ?? throw new CodecNotFoundException(
        $"{type} has no codec: mark it [GenerateSerializer] and number its members with [Id], or register a "
        + "converter.");

    private Codec MakeDeclared(Type type)
    {
        if (typeof(Exception).IsAssignableFrom(type))
        {
            return Create(typeof(ExceptionCodec<>), type);
        }

        if (type.IsInterface && typeof(Orleans.Runtime.IAddressable).IsAssignableFrom(type))
        {
            return Create(typeof(GrainReferenceCodec<>), type);
        }

        if (registry.Find(type) is { } entry)
        {
            var exact = entry.Create();
            return exact.IsExactOnly && !type.IsSealed ? Create(typeof(PolymorphicCodec<>), type) : exact;
        }

        if (type.IsEnum)
        {
            return Create(typeof(EnumCodec<>), type);
        }

        if (type.IsSZArray)
        {
            return Create(typeof(ArrayCodec<>), type.GetElementType()!);
        }

        if (type.IsConstructedGenericType && registry.FindGeneric(type.GetGenericTypeDefinition()) is { } generic)
        {
            return Create(generic, type.GetGenericArguments());
        }

        if (type == typeof(object)
            || ((type.IsAbstract || type.IsInterface) && registry.Entries.Any(e => type.IsAssignableFrom(e.Type))))
        {
            return Create(typeof(PolymorphicCodec<>), type);
        }

        return MakeExact(type);
    }

    private static Codec Create(Type definition, params Type[] arguments) =>
        (Codec)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}
