using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers;
using Orleans.Storage;
using Vault.Sql.Orleans.Reminders;
using Vault.Sql.Orleans.Storage;

namespace Vault.Sql.Orleans;

/// <summary>Registration of what the engine keeps in the <see cref="Database"/>, which the host registers itself.
/// </summary>
public static class SqlOrleansServices
{
    /// <summary>The assembly whose migrations these services need.</summary>
    public static Assembly Migrations => typeof(SqlOrleansServices).Assembly;

    extension(IServiceCollection services)
    {
        /// <summary>
        /// Grain states in the database. State types come from the <c>IJsonTypeInfoResolver</c>s and
        /// <see cref="GrainStateShape"/>s that are registered as singletons.
        /// </summary>
        /// <param name="name">The storage's name, as in <c>[PersistentState]</c>.</param>
        public IServiceCollection AddSqlGrainStorage(
            string name = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
        {
            services.TryAddSingleton<VersionedJsonSerializer>();
            services.AddKeyedSingleton<IGrainStorage>(name, static (provider, _) => new SqlGrainStorage(
                provider.GetRequiredService<Database>(), provider.GetRequiredService<VersionedJsonSerializer>()));
            if (name == ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
            {
                services.TryAddSingleton(static provider => provider.GetRequiredKeyedService<IGrainStorage>(
                    ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME));
            }

            return services;
        }

        /// <summary>Reminders in the database.</summary>
        public IServiceCollection AddSqlReminderTable()
            => services.AddSingleton<IReminderTable, SqlReminderTable>();
    }
}
