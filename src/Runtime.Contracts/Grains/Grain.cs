using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Invocation;

namespace Orleans;

/// <summary>Base class of grains.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>For a grain that the runtime creates.</summary>
    protected Grain()
        : this(Turn.CurrentContext ?? throw new InvalidOperationException("A grain is created by the runtime only."))
    {
    }

    /// <summary>For a grain created with what it runs on, as tests do.</summary>
    protected Grain(IGrainContext grainContext, IGrainRuntime? grainRuntime = null)
    {
        GrainContext = grainContext;
        Runtime = grainRuntime ?? grainContext.ActivationServices.GetRequiredService<IGrainRuntime>();
    }

    /// <inheritdoc/>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The silo's identity.</summary>
    public string RuntimeIdentity => Runtime.SiloIdentity;

    /// <summary>The grain's identity as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Runtime.GrainFactory;

    /// <summary>Services of this activation.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    internal IGrainRuntime Runtime { get; }

    /// <summary>
    /// Lets a base class take part in the activation's life cycle before <see cref="OnActivateAsync"/>.
    /// </summary>
    internal virtual void Participate(IGrainLifecycle lifecycle)
    {
    }

    /// <inheritdoc/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Lets the activation end when its running calls have ended.</summary>
    protected void DeactivateOnIdle() => Runtime.DeactivateOnIdle(GrainContext);

    /// <summary>Keeps the activation for at least this long; a negative time withdraws it.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Runtime.DelayDeactivation(GrainContext, timeSpan);

    /// <summary>Asks for a move to another silo when running calls have ended.</summary>
    protected void MigrateOnIdle() => GrainContext.Migrate(null);

    /// <summary>A timer whose ticks interleave with calls.</summary>
    [Obsolete("Use this.RegisterGrainTimer(...): its ticks do not interleave unless asked to.")]
    protected IDisposable RegisterTimer(
        Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Runtime.TimerRegistry.RegisterTimer(GrainContext, callback, state, dueTime, period);
}
