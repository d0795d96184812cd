using Orleans.Core;
using Orleans.Timers;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;
using Vault.Runtime.State;

namespace Vault.Runtime.Hosting;

/// <summary>What the base class of grains asks of the engine.</summary>
internal sealed class GrainRuntime(
    LocalNode node, IGrainFactory grainFactory, ITimerRegistry timers, PersistentStateSource states,
    IServiceProvider services) : IGrainRuntime
{
    public string SiloIdentity => node.Address.ToString();

    public SiloAddress SiloAddress => node.Address;

    public IGrainFactory GrainFactory => grainFactory;

    public ITimerRegistry TimerRegistry => timers;

    public IServiceProvider ServiceProvider => services;

    public TimeProvider TimeProvider => node.Time;

    public void DeactivateOnIdle(IGrainContext grainContext) => grainContext.Deactivate(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) =>
        ((GrainActivation)grainContext).Delay(timeSpan);

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext)
    {
        var grainClass = ((GrainActivation)grainContext).Class;
        return states.Open<TGrainState>(
            grainContext.GrainId, grainClass.Entry.GrainClass.FullName!, grainClass.StorageName);
    }
}

/// <summary>What the silo says of itself.</summary>
internal sealed class LocalSiloDetails(
    LocalNode node,
    Microsoft.Extensions.Options.IOptions<Orleans.Configuration.ClusterOptions> cluster,
    Microsoft.Extensions.Options.IOptions<Orleans.Configuration.EndpointOptions> endpoint) : ILocalSiloDetails
{
    public string Name => node.Name;

    public string ClusterId => cluster.Value.ClusterId;

    public string DnsHostName => System.Net.Dns.GetHostName();

    public SiloAddress SiloAddress => node.Address;

    public SiloAddress GatewayAddress =>
        SiloAddress.New(node.Address.Endpoint.Address, endpoint.Value.GatewayPort, node.Address.Generation);
}
