using Microsoft.Extensions.DependencyInjection;

namespace Vault.Runtime.Metadata;

/// <summary>What generated code passes to constructors of grains.</summary>
public static class GrainFacets
{
    /// <summary>A service.</summary>
    public static T Service<T>(IGrainContext context)
        where T : notnull => context.ActivationServices.GetRequiredService<T>();

    /// <summary>A service, or null when none is registered: for parameters that default to null.</summary>
    public static T? OptionalService<T>(IGrainContext context) => context.ActivationServices.GetService<T>();

    /// <summary>A service with a key.</summary>
    public static T KeyedService<T>(IGrainContext context, object? key)
        where T : notnull => context.ActivationServices.GetRequiredKeyedService<T>(key);

    /// <summary>A stored state, read before the grain activates.</summary>
    public static IPersistentState<T> PersistentState<T>(
        IGrainContext context, string stateName, string? storageName) =>
        context.ActivationServices.GetRequiredService<IPersistentStateSource>()
            .Create<T>(context, stateName, storageName);
}

/// <summary>Makes stored states for activations.</summary>
internal interface IPersistentStateSource
{
    IPersistentState<T> Create<T>(IGrainContext context, string stateName, string? storageName);
}
