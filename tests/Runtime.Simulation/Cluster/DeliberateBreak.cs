using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>What is taken away from the rules, so that the simulation shows that it would be missed.</summary>
internal sealed record DeliberateBreak
{
    public static DeliberateBreak None { get; } = new();

    public FenceBreak Fence { get; init; }

    /// <summary>Changes a silo's way to the membership tables.</summary>
    public Func<IMembershipStore, IMembershipStore> Store { get; init; } = static store => store;

    /// <summary>Changes what a silo is made of.</summary>
    public Action<IServiceCollection> Change { get; init; } = static _ => { };
}
