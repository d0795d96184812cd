namespace Vault.Runtime.Invocation;

/// <summary>
/// A reference that can be called; generated code derives from it, one class for each grain interface.
/// </summary>
public abstract class GrainProxy : GrainReference
{
    /// <summary>A reference to this grain.</summary>
    protected GrainProxy(GrainProxyShared shared, GrainId id)
        : base(shared, id)
    {
    }

    /// <summary>What all references of the interface share.</summary>
    protected GrainProxyShared Shared => SharedState;

    /// <summary>The local activation that served the last call, if any; the engine checks that it still may.</summary>
    internal object? LastTarget { get; set; }

    /// <summary>Calls a method with a result.</summary>
    protected ValueTask<T> InvokeAsync<T>(GrainRequest<T> request)
    {
        var runtime = SharedState.Runtime;
        if (runtime.HasOutgoingFilters)
        {
            return runtime.SendFilteredAsync(this, request);
        }

        runtime.Send(this, request);
        return request.Outcome();
    }

    /// <summary>Calls a method without a result.</summary>
    protected Task InvokeVoidAsync(VoidGrainRequest request)
    {
        var runtime = SharedState.Runtime;
        if (runtime.HasOutgoingFilters)
        {
            return runtime.SendFilteredAsync(this, request);
        }

        runtime.Send(this, request);
        return request.Outcome();
    }

    /// <summary>Calls a method whose outcome nobody waits for.</summary>
    protected void InvokeOneWay(GrainRequest request)
    {
        var runtime = SharedState.Runtime;
        if (runtime.HasOutgoingFilters)
        {
            runtime.SendFilteredOneWay(this, request);
        }
        else
        {
            runtime.Send(this, request);
        }
    }
}

/// <summary>What all references of one interface share.</summary>
public sealed class GrainProxyShared
{
    internal GrainProxyShared(
        string interfaceName, GrainMethod[] methods, CallRuntime runtime, GrainReferences references)
    {
        InterfaceName = interfaceName;
        InterfaceType = GrainInterfaceType.Create(interfaceName);
        Methods = methods;
        Runtime = runtime;
        References = references;
    }

    /// <summary>The interface's methods in the order in which they were registered.</summary>
#pragma warning disable CA1819 // generated code indexes it on every call
    public GrainMethod[] Methods { get; }
#pragma warning restore CA1819

    internal string InterfaceName { get; }

    internal GrainInterfaceType InterfaceType { get; }

    internal CallRuntime Runtime { get; }

    internal GrainReferences References { get; }
}

/// <summary>Makes references by name; codecs use it when a reference arrives in a message.</summary>
public abstract class GrainReferences
{
    internal GrainReferences()
    {
    }

    /// <summary>A reference to this grain.</summary>
    public abstract GrainReference Create(GrainId id, string interfaceName);

    /// <summary>A reference to this grain.</summary>
    public abstract GrainReference Create(GrainId id, Type interfaceType);
}

/// <summary>Takes calls to where they are served.</summary>
internal abstract class CallRuntime
{
    internal abstract bool HasOutgoingFilters { get; }

    internal abstract void Send(GrainProxy proxy, GrainRequest request);

    internal abstract ValueTask<T> SendFilteredAsync<T>(GrainProxy proxy, GrainRequest<T> request);

    internal abstract Task SendFilteredAsync(GrainProxy proxy, VoidGrainRequest request);

    internal abstract void SendFilteredOneWay(GrainProxy proxy, GrainRequest request);
}
