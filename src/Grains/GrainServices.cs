using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vault.Events;
using Vault.Grains.Nodes;
using Vault.Grains.Objects;
using Vault.Grains.Reclaim;
using Vault.Grains.Store;
using Vault.Grains.Repair;

namespace Vault.Grains;

/// <summary>What a silo registers for the grains.</summary>
public static class GrainServices
{
    /// <summary>The assembly whose migrations make the grains' tables; goes to <c>Database.MigrateAsync</c>.</summary>
    public static Assembly Migrations => typeof(GrainServices).Assembly;

    /// <summary>
    /// Registers what the grains ask for, but for the database, the clock and the shard client, which the host owns.
    /// </summary>
    public static IServiceCollection AddGrains(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddEvents(alone: true); // unless the host has said otherwise before
        services.TryAddSingleton<StoreInstruments>();
        services.TryAddSingleton<ObjectInstruments>();
        services.TryAddSingleton<BodyIds>();
        services.AddOptionsWithValidateOnStart<ObjectIndexOptions, ObjectIndexOptionsValidator>()
            .BindConfiguration("ObjectIndex");
        services.TryAddSingleton<ReclaimInstruments>();
        services.AddOptionsWithValidateOnStart<ReclaimOptions, ReclaimOptionsValidator>().BindConfiguration("Reclaim");
        services.TryAddSingleton<RepairInstruments>();
        services.AddOptionsWithValidateOnStart<RepairOptions, RepairOptionsValidator>().BindConfiguration("Repair");
        services.AddOptionsWithValidateOnStart<NodeDirectoryOptions, NodeDirectoryOptionsValidator>()
            .BindConfiguration("Nodes");
        return services;
    }
}
