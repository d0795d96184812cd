using Orleans.Concurrency;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>A register; the key is its name. Reads come from memory.</summary>
[Alias("simulation.register")]
internal interface IRegisterGrain : IGrainWithStringKey
{
    /// <summary>Writes. Not safe to repeat.</summary>
    [Alias("Put")]
    Task PutAsync(string value);

    /// <summary>Writes where nothing is; false when something is. Not safe to repeat.</summary>
    [Alias("Create")]
    Task<bool> CreateAsync(string value);

    /// <summary>Removes. Not safe to repeat.</summary>
    [Alias("Delete")]
    Task DeleteAsync();

    /// <summary>Reads; goes on while a write is under way.</summary>
    [Alias("Get")]
    [AlwaysInterleave]
    Task<string?> GetAsync();
}
