using Microsoft.Extensions.Logging;
using Orleans.Timers;

namespace Vault.Runtime.Activation;

/// <summary>Makes timers for activations.</summary>
internal sealed class TimerRegistry(TimeProvider time, ILogger<TimerRegistry> logger) : ITimerRegistry
{
    public IDisposable RegisterTimer(
        IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(
            grainContext,
            static (call, _) => call.Callback(call.State),
            (Callback: callback, State: state),
            new GrainTimerCreationOptions(dueTime, period) { Interleave = true });

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
        GrainTimerCreationOptions options) =>
        new GrainTimer<TState>((GrainActivation)grainContext, callback, state, options, time, logger);
}
