using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Simulation.Database;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>What is taken away from the rules, so that the simulation shows that it would be missed.</summary>
internal sealed record DeliberateBreak
{
    public static DeliberateBreak None { get; } = new();

    public FenceBreak Fence { get; init; }

    /// <summary>Makes the membership tables.</summary>
    public Func<MembershipTables> Tables { get; init; } = static () => new MembershipTables();

    /// <summary>Changes what a silo is made of.</summary>
    public Action<IServiceCollection> Change { get; init; } = static _ => { };
}
