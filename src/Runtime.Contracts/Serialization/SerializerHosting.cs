using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vault.Runtime.Metadata;
using Vault.Runtime.Serialization;

namespace Orleans.Serialization;

/// <summary>Configures serialization.</summary>
public interface ISerializerBuilder
{
    /// <summary>The services that serialization is added to.</summary>
    IServiceCollection Services { get; }
}

/// <summary>Adds assemblies to serialization.</summary>
public static class SerializerBuilderExtensions
{
    /// <summary>Adds the serializable types of an assembly.</summary>
    public static ISerializerBuilder AddAssembly(this ISerializerBuilder serializerBuilder, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(serializerBuilder);
        serializerBuilder.Services.AddSingleton(new SerializedAssembly(assembly));
        return serializerBuilder;
    }
}

/// <summary>Adds serialization to a container.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="Serializer"/> and <see cref="DeepCopier"/> for the assemblies that <paramref name="configure"/>
    /// adds, or else for all that are loaded when they are first used.
    /// </summary>
    public static IServiceCollection AddSerializer(
        this IServiceCollection services, Action<ISerializerBuilder>? configure = null)
    {
        services.TryAddSingleton(static provider =>
        {
            var builder = new GrainManifestBuilder(new CodecRegistry());
            var parts = provider.GetServices<SerializedAssembly>().ToList();
            foreach (var part in parts.Count > 0
                ? parts
                : AppDomain.CurrentDomain.GetAssemblies().Select(static a => new SerializedAssembly(a)))
            {
                part.Register(builder);
            }

            return new CodecProvider(builder.Codecs);
        });
        services.TryAddSingleton(static provider => new Serializer(provider.GetRequiredService<CodecProvider>()));
        services.TryAddSingleton(static provider => new DeepCopier(provider.GetRequiredService<CodecProvider>()));
        configure?.Invoke(new SerializerBuilder(services));
        return services;
    }

    private sealed class SerializerBuilder(IServiceCollection services) : ISerializerBuilder
    {
        public IServiceCollection Services => services;
    }
}

/// <summary>An assembly whose generated manifest is registered when the codecs are made.</summary>
internal sealed class SerializedAssembly(Assembly assembly)
{
    public void Register(GrainManifestBuilder builder)
    {
        foreach (var manifest in assembly.GetCustomAttributes<GrainManifestAttribute>())
        {
            ((GrainManifest)Activator.CreateInstance(manifest.ManifestType)!).Register(builder);
        }
    }
}
