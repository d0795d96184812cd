using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>What all activations of a silo share.</summary>
internal sealed record ActivationShared(
    LocalNode Node,
    ReferenceTable References,
    IServiceProvider Services,
    GrainCollectionOptions Options,
    IGatekeeper Gatekeeper,
    RuntimeInstruments Instruments,
    ILogger Logger,
    IIncomingPipeline? Filters,
    IIncomingPipeline AllFilters);

/// <summary>Decides whether this silo may activate a grain.</summary>
internal interface IGatekeeper
{
    /// <summary>
    /// Waits until no other silo can be serving the grain; false when this silo isn't the one to serve it.
    /// </summary>
    ValueTask<bool> EnterAsync(GrainId id, GrainClass grainClass, CancellationToken ct);
}
