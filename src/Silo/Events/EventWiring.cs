using Vault.Events;
using Vault.Events.Bus;
using Vault.Silo.Serve;

namespace Vault.Silo.Events;

/// <summary>How wake-ups leave this process: not at all when it is alone, else over what the settings name.</summary>
internal static class EventWiring
{
    public static void AddVaultEvents(this IServiceCollection services, ServeOptions options)
    {
        var alone = options.IsAlone() && options.StateBackend == "file";
        if (options.RoleSet.HasFlag(Roles.Silo) && options.StateBackend == "postgres")
            services.AddSingleton<IEventTransport>(_ => new PostgresEvents(options.DatabaseUrl!));
        services.AddEvents(alone);
    }
}
