using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Vault.Runtime.State;

namespace Orleans.Runtime.Hosting
{
    /// <summary>Adds storages for grain states.</summary>
    public static class StorageProviderExtensions
    {
        /// <summary>Adds a storage under a name.</summary>
        public static IServiceCollection AddGrainStorage<T>(
            this IServiceCollection services, string name, Func<IServiceProvider, string, T> implementationFactory)
            where T : IGrainStorage
        {
            services.AddKeyedSingleton<IGrainStorage>(
                name, (provider, key) => implementationFactory(provider, (string)key!));
            if (name == ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
            {
                services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IGrainStorage>(name));
            }

            if (typeof(ILifecycleParticipant<ISiloLifecycle>).IsAssignableFrom(typeof(T)))
            {
                services.AddSingleton(provider =>
                    (ILifecycleParticipant<ISiloLifecycle>)provider.GetRequiredKeyedService<IGrainStorage>(name));
            }

            return services;
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds storages in memory.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>Adds the default storage, in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);

        /// <summary>Adds the default storage, in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(
            this ISiloBuilder builder, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <summary>Adds a storage in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(
            this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(name, options => options.Configure(configureOptions));

        /// <summary>Adds a storage in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(
            this ISiloBuilder builder, string name,
            Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null)
        {
            configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
            builder.Services.PostConfigure<MemoryGrainStorageOptions>(
                name, static options => options.GrainStorageSerializer ??= new JsonGrainStorageSerializer());
            builder.Services.AddGrainStorage(name, static (services, name) => new MemoryGrainStorage(
                name,
                services.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(name),
                services.GetRequiredService<IGrainFactory>()));
            return builder;
        }
    }
}
