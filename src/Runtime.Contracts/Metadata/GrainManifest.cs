using Vault.Runtime.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Metadata;

/// <summary>Names the class in which generated code lists what an assembly declares.</summary>
/// <param name="manifestType">A <see cref="GrainManifest"/> with a public parameterless constructor.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GrainManifestAttribute(Type manifestType) : Attribute
{
    /// <summary>The class.</summary>
    public Type ManifestType { get; } = manifestType;
}

/// <summary>Lists what an assembly declares; generated code derives from it.</summary>
public abstract class GrainManifest
{
    /// <summary>Adds everything.</summary>
    public abstract void Register(GrainManifestBuilder builder);
}

/// <summary>Takes what assemblies declare, for one silo or client.</summary>
public sealed class GrainManifestBuilder
{
    private readonly Dictionary<Type, GrainInterfaceEntry> _interfaces = [];
    private readonly Dictionary<Type, GrainClassEntry> _classes = [];

    internal GrainManifestBuilder(CodecRegistry codecs) => Codecs = codecs;

    /// <summary>Takes codecs.</summary>
    public CodecRegistry Codecs { get; }

    internal IReadOnlyCollection<GrainInterfaceEntry> Interfaces => _interfaces.Values;

    internal IReadOnlyCollection<GrainClassEntry> Classes => _classes.Values;

    /// <summary>Adds a grain interface.</summary>
    public void AddInterface(GrainInterfaceEntry entry) => _interfaces[entry.InterfaceType] = entry;

    /// <summary>Adds a grain class.</summary>
    public void AddClass(GrainClassEntry entry) => _classes[entry.GrainClass] = entry;
}

/// <summary>A grain interface.</summary>
/// <param name="interfaceType">The interface.</param>
/// <param name="name">Its name on the wire.</param>
/// <param name="methods">Its methods and those of its bases.</param>
/// <param name="createProxy">Makes a reference.</param>
public sealed class GrainInterfaceEntry(
    Type interfaceType, string name, GrainMethod[] methods, Func<GrainProxyShared, GrainId, GrainReference> createProxy)
{
    internal Type InterfaceType { get; } = interfaceType;

    internal string Name { get; } = name;

    internal GrainMethod[] Methods { get; } = methods;

    internal Func<GrainProxyShared, GrainId, GrainReference> CreateProxy { get; } = createProxy;
}

/// <summary>A grain class.</summary>
/// <param name="grainClass">The class.</param>
/// <param name="grainType">Its grain type.</param>
/// <param name="interfaces">The grain interfaces it implements.</param>
/// <param name="create">Makes an instance for an activation.</param>
public sealed class GrainClassEntry(
    Type grainClass, string grainType, Type[] interfaces, Func<IGrainContext, object> create)
{
    internal Type GrainClass { get; } = grainClass;

    internal string GrainType { get; } = grainType;

    internal Type[] Interfaces { get; } = interfaces;

    internal Func<IGrainContext, object> Create { get; } = create;
}
