using System.Text;
using Vault.Events;
using Vault.Events.Bus;
using Vault.Events.Redis;
using Vault.Protocol.Encryption;
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
        if (RedisAddress.TryParse(options.RedisUrl, out var address, out _, options.RedisTlsAuthority))
            services.AddRedis(address, RedisPrefix(options));
        services.AddEvents(alone);
    }

    /// <summary>
    /// Clusters that share a Redis don't meet: the names of each are told apart by its secret, which they don't tell.
    /// </summary>
    private static string RedisPrefix(ServeOptions options)
    {
        if (options.ClusterSecret is null && options.ClusterSecretFile is null) return "vault:";
        var secret = Encoding.UTF8.GetBytes(options.Secret());
        using var name = SecretKey.Derive(secret, [], "vault redis names"u8);
        return $"vault:{Convert.ToHexStringLower(name.Bytes[..8])}:";
    }
}
