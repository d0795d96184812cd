using System.Collections.Immutable;

namespace Vault.Runtime.Serialization;

/// <summary>
/// What can be serialized: the built-in types, and what the generated manifests of the application's assemblies add.
/// </summary>
/// <remarks>
/// Filled while the host starts, by one thread; after a <see cref="CodecProvider"/> was made from it, it does not
/// change.
/// </remarks>
public sealed class CodecRegistry
{
    private readonly Dictionary<Type, CodecEntry> _entries = [];
    private readonly Dictionary<string, CodecEntry> _aliases = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, Type> _generics = [];

    /// <summary>Creates a registry that holds the built-in types.</summary>
    public CodecRegistry() => BuiltInCodecs.AddTo(this);

    internal IReadOnlyCollection<CodecEntry> Entries => _entries.Values;

    /// <summary>Adds the codec of one type.</summary>
    /// <param name="alias">Names the type on the wire wherever a base type is declared.</param>
    /// <param name="create">Makes the codec; called once per provider.</param>
    /// <exception cref="InvalidOperationException">The type or the alias is already taken.</exception>
    public void Add<T>(string alias, Func<Codec<T>> create) => Add(new CodecEntry(typeof(T), alias, create));

    /// <summary>Adds the codec of an enum; only needed where the enum travels as <see cref="object"/>.</summary>
    public void AddEnum<T>(string alias)
        where T : struct, Enum => Add(alias, static () => new EnumCodec<T>());

    /// <summary>Adds the codec of a generic type.</summary>
    /// <param name="type">The open generic type.</param>
    /// <param name="codec">The open generic codec, with the same parameters and a parameterless constructor.</param>
    public void AddGeneric(Type type, Type codec) => _generics.TryAdd(type, codec);

    internal CodecEntry? Find(Type type) => _entries.GetValueOrDefault(type);

    internal CodecEntry? FindAlias(string alias) => _aliases.GetValueOrDefault(alias);

    internal Type? FindGeneric(Type definition) => _generics.GetValueOrDefault(definition);

    private void Add(CodecEntry entry)
    {
        if (_entries.TryGetValue(entry.Type, out var same) && same.Alias == entry.Alias)
        {
            return; // the manifest of one assembly, registered twice
        }

        if (!_aliases.TryAdd(entry.Alias, entry) || !_entries.TryAdd(entry.Type, entry))
        {
            throw new InvalidOperationException(
                $"{entry.Type} cannot be registered as \"{entry.Alias}\": {_aliases[entry.Alias].Type} or another "
                + "alias was there first.");
        }
    }
}

/// <summary>One type that can be named on the wire.</summary>
internal sealed record CodecEntry(Type Type, string Alias, Func<Codec> Create)
{
    public byte[] Utf8Alias { get; } = System.Text.Encoding.UTF8.GetBytes(Alias);
}
