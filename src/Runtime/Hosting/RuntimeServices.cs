using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Timers;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Messaging.Tcp;
using Vault.Runtime.Metadata;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;
using Vault.Runtime.State;

namespace Vault.Runtime.Hosting;

/// <summary>The engine's services.</summary>
internal static class RuntimeServices
{
    public static void AddSilo(IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(SiloService)))
        {
            return;
        }

        AddShared(services, isSilo: true);
        services.AddSingleton(static sp => SiloNode(sp));
        services.TryAddSingleton<IMembership, InMemoryMembership>();
        services.AddSingleton<ActivationTable>();
        services.AddSingleton<ActivationCollector>(static sp => new ActivationCollector(
            sp.GetRequiredService<LocalNode>(), sp.GetRequiredService<ActivationTable>(),
            Options<GrainCollectionOptions>(sp)));
        services.AddSingleton<RuntimeInstruments>();
        services.AddSingleton<MembershipInstruments>();
        services.AddSingleton<SiloGenerations>();
        services.AddSingleton(static sp => new SiloHealth(
            sp.GetRequiredService<LocalNode>(), sp.GetRequiredService<ViewHolder>()));
        services.AddOptions<MembershipOptions>();
        services.AddSingleton<SiloControl>();
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<ISiloLifecycle>(static sp => sp.GetRequiredService<SiloLifecycle>());
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddSingleton<ITimerRegistry, TimerRegistry>();
        services.AddSingleton<PersistentStateSource>();
        services.AddSingleton<IPersistentStateSource>(static sp => sp.GetRequiredService<PersistentStateSource>());
        services.AddSingleton<IGrainRuntime, GrainRuntime>();
        services.AddSingleton<SiloService>();
        services.AddHostedService(static sp => sp.GetRequiredService<SiloService>());
    }

    /// <summary>Makes the silo one of a cluster whose membership is in a store.</summary>
    public static void AddLeasedMembership(
        IServiceCollection services, Func<IServiceProvider, IMembershipStore> store)
    {
        services.AddOptionsWithValidateOnStart<MembershipOptions>().ValidateDataAnnotations()
            .Validate(static o => o.RemoveAfter > o.Lease, "RemoveAfter must be longer than Lease.");
        services.TryAddSingleton(static sp => LeaseClock.Of(sp.GetRequiredService<TimeProvider>()));
        services.RemoveAll<IMembership>();
        services.AddSingleton<IMembership>(sp => new LeasedMembership(
            store(sp),
            sp.GetRequiredService<LocalNode>(),
            Options<MembershipOptions>(sp),
            sp.GetRequiredService<LeaseClock>(),
            sp.GetService<Random>() ?? Random.Shared,
            sp.GetService<IMembershipWakeups>(),
            sp.GetRequiredService<MembershipInstruments>(),
            sp.GetRequiredService<ILogger<LeasedMembership>>()));
    }

    public static void AddClient(IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(SiloService) || s.ServiceType == typeof(ClientService)))
        {
            return; // a silo has its client with it
        }

        AddShared(services, isSilo: false);
        services.AddSingleton(static sp => ClientNode(sp));
        services.AddSingleton<ActivationTable>();
        services.AddSingleton(static sp => new ClientService(
            sp.GetRequiredService<ViewAgent>(),
            sp.GetRequiredService<ViewHolder>(),
            sp.GetRequiredService<RemoteCalls>(),
            sp.GetRequiredService<CallDispatcher>(),
            sp.GetRequiredService<ReferenceTable>(),
            sp.GetRequiredService<CallDeadlines>(),
            sp.GetService<ClientConnections>()));
        services.AddHostedService(static sp => sp.GetRequiredService<ClientService>());
    }

    private static void AddShared(IServiceCollection services, bool isSilo)
    {
        services.AddOptions();
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static _ => ManifestLoader.Load());
        services.TryAddSingleton(static sp => new CodecProvider(sp.GetRequiredService<GrainManifestBuilder>().Codecs));
        services.AddSerializer();
        services.AddSingleton(sp => new GrainCatalog(
            sp.GetRequiredService<GrainManifestBuilder>(), withClasses: isSilo));
        services.TryAddSingleton(Executor.Pool);
        services.AddSingleton<ViewHolder>();
        services.AddSingleton<ViewAgent>();
        services.AddSingleton<ObserverTable>();
        services.AddSingleton(static sp => new CallDeadlines(sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static sp => new OutgoingFilters([.. sp.GetServices<IOutgoingGrainCallFilter>()]));
        services.TryAddSingleton<InMemoryNetwork>();
        services.TryAddSingleton<ITransport, InMemoryTransport>();
        services.AddSingleton<RemoteInstruments>();
        services.AddSingleton(sp => new RemoteCalls(
            sp.GetRequiredService<LocalNode>(),
            sp.GetRequiredService<ViewHolder>(),
            sp.GetRequiredService<ITransport>(),
            new MessageCodec(sp.GetRequiredService<CodecProvider>()),
            MessagingOptions(sp, isSilo),
            new ViewPush(sp.GetRequiredService<ViewHolder>(), sp.GetService<PushedMembership>()),
            sp.GetRequiredService<RemoteInstruments>(),
            sp.GetRequiredService<ILogger<RemoteCalls>>()));
        services.AddSingleton(sp => new CallDispatcher(
            sp.GetRequiredService<LocalNode>(),
            sp.GetRequiredService<GrainCatalog>(),
            sp.GetRequiredService<ActivationTable>(),
            sp.GetRequiredService<ViewHolder>(),
            sp.GetRequiredService<ObserverTable>(),
            sp.GetRequiredService<CallDeadlines>(),
            sp.GetRequiredService<RemoteCalls>(),
            sp.GetRequiredService<OutgoingFilters>(),
            MessagingOptions(sp, isSilo).ResponseTimeout,
            sp.GetRequiredService<ILogger<CallDispatcher>>()));
        services.AddSingleton(static sp =>
        {
            var codecs = sp.GetRequiredService<CodecProvider>();
            var references = new ReferenceTable(
                sp.GetRequiredService<GrainCatalog>(), codecs, sp.GetRequiredService<CallDispatcher>());
            codecs.References = references;
            return references;
        });
        services.AddSingleton<GrainFactory>();
        services.AddSingleton<IGrainFactory>(static sp => sp.GetRequiredService<GrainFactory>());
        services.AddSingleton<IClusterClient>(static sp => sp.GetRequiredService<GrainFactory>());
    }

    private static MessagingOptions MessagingOptions(IServiceProvider services, bool isSilo) =>
        isSilo ? Options<SiloMessagingOptions>(services) : Options<ClientMessagingOptions>(services);

    private static T Options<T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private static LocalNode SiloNode(IServiceProvider services)
    {
        var endpoint = Options<EndpointOptions>(services);
        var address = SiloAddress.New(
            endpoint.AdvertisedIPAddress ?? IPAddress.Loopback,
            services.GetService<SiloListener>()?.Port ?? endpoint.SiloPort,
            services.GetService<SiloGeneration>()?.Value
                ?? SiloGenerations.Next(services.GetRequiredService<TimeProvider>(), before: 0));
        var name = Options<SiloOptions>(services).SiloName ?? $"Silo_{address.Endpoint.Port}_{address.Generation}";
        return Node(services, address, name);
    }

    private static LocalNode ClientNode(IServiceProvider services)
    {
        var id = Guid.NewGuid();
        var bits = id.GetHashCode() & 0x7fffffff;
        var address = SiloAddress.New(new IPAddress(id.ToByteArray()), 0, -Math.Max(1, bits));
        return Node(services, address, "client");
    }

    private static LocalNode Node(IServiceProvider services, SiloAddress address, string name) =>
        new(address, name, services.GetRequiredService<TimeProvider>())
        {
            Executor = services.GetRequiredService<Executor>(),
        };
}

/// <summary>The silo's generation, where its maker counts starts.</summary>
internal sealed record SiloGeneration(int Value);
