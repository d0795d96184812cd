using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A stored state that a grain takes as a constructor parameter, read before it activates.</summary>
/// <typeparam name="TState">The state's type.</typeparam>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>Marks attributes that fill a grain's constructor parameter.</summary>
public interface IFacetMetadata;

/// <summary>Fills a constructor parameter with a stored state.</summary>
/// <param name="stateName">The state's name in storage.</param>
/// <param name="storageName">The storage's name; null for the default one.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata
{
    /// <summary>The state's name in storage.</summary>
    public string StateName { get; } = stateName;

    /// <summary>The storage's name; null for the default one.</summary>
    public string? StorageName { get; } = storageName;
}
