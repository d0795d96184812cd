using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers;
using Orleans.Storage;
using Vault.Sql.Orleans.Reminders;
using Vault.Sql.Orleans.Storage;

namespace Vault.Sql.Orleans;

/// <summary>
/// Registration of what Orleans keeps in the embedded <see cref="Database"/>, which the host registers itself. On
/// PostgreSQL Orleans' own ADO.NET providers do it, over the tables and queries of <see cref="Migrations"/>.
/// </summary>
public static class SqlOrleansServices
{
    /// <summary>Orleans' <c>ServiceId</c>: reminders of the former release were carried over under it.</summary>
    public const string ServiceId = "vault";

    /// <summary>The assembly whose migrations these services, and Orleans' own on PostgreSQL, need.</summary>
    public static Assembly Migrations => typeof(SqlOrleansServices).Assembly;

    extension(IServiceCollection services)
    {
        /// <summary>
        /// Grain states in the embedded database. State types come from the <c>IJsonTypeInfoResolver</c>s and
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

        /// <summary>Reminders in the embedded database.</summary>
        public IServiceCollection AddSqlReminderTable()
            => services.AddSingleton<IReminderTable, SqlReminderTable>();
    }
}
