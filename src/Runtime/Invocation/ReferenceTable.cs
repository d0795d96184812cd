using Vault.Runtime.Activation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Metadata;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Invocation;

/// <summary>Interfaces by type and by name, and the references made of them.</summary>
internal sealed class ReferenceTable : GrainReferences
{
    private readonly Dictionary<Type, Binding> _byType = [];
    private readonly Dictionary<string, Binding> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, (string Interface, GrainMethod Method)> _byKey = [];
    private readonly GrainProxyShared _untyped;

    public ReferenceTable(GrainCatalog catalog, CodecProvider codecs, CallRuntime runtime)
    {
        _untyped = new GrainProxyShared("", [], runtime, this);
        foreach (var entry in catalog.Interfaces)
        {
            foreach (var method in entry.Methods)
            {
                method.Bind(codecs);
                method.WireKey = MethodKeys.Of(entry.Name, method.Alias);
                if (!_byKey.TryAdd(method.WireKey, (entry.Name, method)))
                {
                    throw new InvalidOperationException($"Methods '{method.Alias}' of '{entry.Name}' and "
                        + $"'{_byKey[method.WireKey].Method.Alias}' of '{_byKey[method.WireKey].Interface}' have the "
                        + "same key on the wire. Give one another [Alias].");
                }
            }

            var binding = new Binding(entry, new GrainProxyShared(entry.Name, entry.Methods, runtime, this));
            _byType.Add(entry.InterfaceType, binding);
            if (!_byName.TryAdd(entry.Name, binding))
            {
                throw new InvalidOperationException(
                    $"Two grain interfaces are named '{entry.Name}': {_byName[entry.Name].Entry.InterfaceType} and "
                    + $"{entry.InterfaceType}. Give one another [Alias].");
            }
        }
    }

    public override GrainReference Create(GrainId id, string interfaceName) =>
        interfaceName.Length == 0 ? CreateUntyped(id)
        : _byName.TryGetValue(interfaceName, out var binding) ? binding.Entry.CreateProxy(binding.Shared, id)
        : throw new ArgumentException(
            $"No grain interface is named '{interfaceName}' in this process.", nameof(interfaceName));

    public override GrainReference Create(GrainId id, Type interfaceType)
    {
        if (_byType.TryGetValue(interfaceType, out var binding))
        {
            return binding.Entry.CreateProxy(binding.Shared, id);
        }

        throw new ArgumentException(
            $"{interfaceType} is no grain interface of this process: its assembly must be referenced, and built with "
            + "the source generator.",
            nameof(interfaceType));
    }

    public GrainReference CreateUntyped(GrainId id) => new(_untyped, id);

    /// <summary>A reference to a grain by the interface that its class names first.</summary>
    public GrainReference CreateForClass(GrainId id, GrainClass grainClass) =>
        grainClass.Entry.Interfaces is [var first, ..] && _byType.ContainsKey(first)
            ? Create(id, first)
            : CreateUntyped(id);

    /// <summary>A method by its key on the wire, and the interface that it was called by.</summary>
    public bool TryGetMethod(ulong key, out (string Interface, GrainMethod Method) method) =>
        _byKey.TryGetValue(key, out method);

    private sealed class Binding(GrainInterfaceEntry entry, GrainProxyShared shared)
    {
        public GrainInterfaceEntry Entry { get; } = entry;

        public GrainProxyShared Shared { get; } = shared;
    }
}
