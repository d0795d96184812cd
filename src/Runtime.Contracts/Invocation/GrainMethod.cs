using System.Reflection;
using Orleans.CodeGeneration;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Invocation;

/// <summary>
/// A method of a grain interface; generated code derives from it, one instance for each silo or client.
/// </summary>
/// <param name="interfaceType">The interface that declares it.</param>
/// <param name="name">The method's name.</param>
/// <param name="alias">Its name on the wire, unique in the interface and its bases.</param>
/// <param name="parameterTypes">Types of all parameters.</param>
/// <param name="returnType">The declared return type.</param>
/// <param name="options">What its attributes say.</param>
/// <param name="responseTimeout">How long callers wait, when an attribute says so.</param>
public abstract class GrainMethod(
    Type interfaceType,
    string name,
    string alias,
    Type[] parameterTypes,
    Type returnType,
    InvokeMethodOptions options = InvokeMethodOptions.None,
    TimeSpan? responseTimeout = null)
{
    /// <summary>The interface that declares it.</summary>
    public Type InterfaceType { get; } = interfaceType;

    /// <summary>The method's name.</summary>
    public string Name { get; } = name;

    /// <summary>Its name on the wire.</summary>
    public string Alias { get; } = alias;

    /// <summary>Types of all parameters.</summary>
    public IReadOnlyList<Type> ParameterTypes { get; } = parameterTypes;

    /// <summary>The declared return type.</summary>
    public Type ReturnType { get; } = returnType;

    /// <summary>What its attributes say.</summary>
    public InvokeMethodOptions Options { get; } = options;

    /// <summary>How long callers wait, when an attribute says so.</summary>
    public TimeSpan? ResponseTimeout { get; } = responseTimeout;

    /// <summary>The reflected method; filters may ask for it, calls don't.</summary>
    public MethodInfo Method => field ??= InterfaceType.GetMethod(
        Name, BindingFlags.Public | BindingFlags.Instance, [.. ParameterTypes])
        ?? throw new MissingMethodException(InterfaceType.FullName, Name);

    /// <summary>Interface and method, for traces and messages.</summary>
    public string DisplayName => field ??= $"{InterfaceType.Name}/{Name}";

    /// <summary>Names interface and method in requests to other processes.</summary>
    internal ulong WireKey { get; set; }

    internal bool IsOneWay { get; } = (options & InvokeMethodOptions.OneWay) != 0;

    internal bool IsReadOnly { get; } = (options & InvokeMethodOptions.ReadOnly) != 0;

    internal bool AlwaysInterleaves { get; } = (options & InvokeMethodOptions.AlwaysInterleave) != 0;

    /// <summary>Takes the codecs of arguments and result; called once, before the first call.</summary>
    public abstract void Bind(CodecProvider codecs);

    /// <summary>A request whose arguments are then read from a message.</summary>
    public abstract GrainRequest CreateRequest();
}
