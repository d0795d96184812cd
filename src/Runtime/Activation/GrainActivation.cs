using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>One live instance of a grain, and the queue of its turns.</summary>
internal sealed partial class GrainActivation : TurnQueue, IGrainContext
{
    private readonly ActivationShared _shared;
    private readonly GrainClass _class;
    private readonly TaskCompletionSource _deactivated;
    private readonly Destination _home;
    private AsyncServiceScope? _scope;
    private Dictionary<Type, object>? _components;
    private GrainReference? _reference;
    private List<IDisposable>? _timers;
    private State _state = State.Creating;
    private DeactivationReason _reason;
    private CancellationTokenSource? _activating;
    private bool _withdrawn;
    private bool _deactivateOnceActive;
    private bool _undisposed;

    public GrainActivation(ActivationShared shared, GrainClass grainClass, GrainId id, Destination home)
        : base(shared.Node.Executor)
    {
        _deactivated = shared.Node.Executor.CreateSource();
        _shared = shared;
        _class = grainClass;
        _home = home;
        GrainId = id;
        Reentrant = grainClass.Reentrant;
        ActivationId = ActivationId.NewId();
        Lifecycle = new GrainLifecycle();
    }

    private enum State
    {
        Creating,
        Valid,
        Deactivating,

        /// <summary>Nothing runs any more but its own end.</summary>
        Ending,
        Gone,
    }

    public override GrainId Id => GrainId;

    public override IGrainContext? Context => this;

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; }

    public object? GrainInstance { get; private set; }

    public GrainClass Class => _class;

    public GrainLifecycle Lifecycle { get; }

    public IGrainLifecycle ObservableLifecycle => Lifecycle;

    public Task Deactivated => _deactivated.Task;

    public bool IsValid => _state == State.Valid;

    /// <summary>When the collector last saw it used, on the silo's clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>Until when it stays whatever its use, on the silo's clock.</summary>
    public long KeepUntil { get; private set; }

    public GrainAddress Address =>
        new() { GrainId = GrainId, ActivationId = ActivationId, SiloAddress = _shared.Node.Address };

    public GrainReference GrainReference => _reference ??= _shared.References.CreateForClass(GrainId, _class);

    public IServiceProvider ActivationServices
    {
        get
        {
            lock (Gate)
            {
                _scope ??= _shared.Services.CreateAsyncScope();
                return _scope.Value.ServiceProvider;
            }
        }
    }

    public void Activate() => AdmitOwnTurn("activation of " + GrainId, ActivateAsync);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (Gate)
        {
            if (_state == State.Creating)
            {
                _deactivateOnceActive = true;
                _reason = deactivationReason;
                return;
            }

            if (_state != State.Valid)
            {
                return;
            }

            _state = State.Deactivating;
            _reason = deactivationReason;
            Shut();
        }

        DisposeTimers(); // a tick that runs is waited for: it is told to end
    }

    /// <summary>
    /// Ends it because this silo may not serve the grain any more. One that is being activated is told to stop that and
    /// serves nothing; what it has begun it ends in order.
    /// </summary>
    public void Withdraw(DeactivationReason reason)
    {
        CancellationTokenSource? activating = null;
        bool creating;
        lock (Gate)
        {
            creating = _state == State.Creating;
            if (creating)
            {
                (_withdrawn, _reason, activating) = (true, reason, _activating);
            }
        }

        if (!creating)
        {
            Deactivate(reason);
        }
        else if (activating is not null)
        {
            Cancel(activating);
        }
    }

    /// <summary>Cancels on another stack: what others have registered there is not trusted.</summary>
    public void Cancel(CancellationTokenSource source)
    {
        _ = CancelAsync();

        async Task CancelAsync()
        {
            try
            {
                await _shared.Node.Executor.CancelAsync(source);
            }
            catch (ObjectDisposedException)
            {
                // what it would have cancelled has just ended by itself
            }
            catch (Exception exception)
            {
                LogCancellingFailed(_shared.Logger, exception, GrainId);
            }
        }
    }

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Deactivate(
            new DeactivationReason(DeactivationReasonCode.Migrating, "The grain asked to move."), cancellationToken);

    /// <summary>Keeps the activation until then; a time before now withdraws it.</summary>
    public void Delay(TimeSpan time)
    {
        var clock = _shared.Node.Time;
        KeepUntil = time == Timeout.InfiniteTimeSpan || time == TimeSpan.MaxValue ? long.MaxValue
            : time <= TimeSpan.Zero ? 0
            : clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
    }

    /// <summary>
    /// Gives it up without waiting for what runs: calls that started end as unknown, their outcomes are dropped. Its
    /// instance is disposed once they have ended.
    /// </summary>
    public void Abandon(Exception outcome)
    {
        bool wasActive;
        lock (Gate)
        {
            if (_state == State.Gone)
            {
                return;
            }

            _undisposed = wasActive = _state is State.Valid or State.Deactivating;
            _state = State.Gone;
            Shut();
        }

        if (wasActive)
        {
            _shared.Instruments.Deactivated(_class);
        }

        End();
        foreach (var turn in Started())
        {
            if (turn is GrainRequest request)
            {
                request.Abandon(outcome);
            }
        }
    }

    public void AddTimer(IDisposable timer)
    {
        lock (Gate)
        {
            (_timers ??= []).Add(timer);
        }
    }

    public void RemoveTimer(IDisposable timer)
    {
        lock (Gate)
        {
            _timers?.Remove(timer);
        }
    }

    public TTarget? GetTarget<TTarget>()
        where TTarget : class => GrainInstance as TTarget;

    public TComponent? GetComponent<TComponent>()
        where TComponent : class
    {
        lock (Gate)
        {
            return _components is not null && _components.TryGetValue(typeof(TComponent), out var component)
                ? (TComponent)component
                : GrainInstance as TComponent ?? this as TComponent;
        }
    }

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class
    {
        lock (Gate)
        {
            if (value is null)
            {
                _components?.Remove(typeof(TComponent));
            }
            else
            {
                (_components ??= [])[typeof(TComponent)] = value;
            }
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => ActivationId.GetHashCode();

    public override string ToString() => $"{GrainId}{ActivationId}";

    /// <inheritdoc/>
    protected override bool WaitsForItsCalls => _state == State.Deactivating;

    protected override bool MayInterleave(Turn turn)
    {
        if (_class.MayInterleave is null || turn is not GrainRequest request)
        {
            return false;
        }

        try
        {
            return _class.MayInterleave(GrainInstance, request);
        }
        catch (Exception exception)
        {
            LogMayInterleaveFailed(_shared.Logger, exception, GrainId);
            return false;
        }
    }

    protected override long Timestamp() => _shared.Instruments.MeasuresQueueTime ? _shared.Node.Time.GetTimestamp() : 0;

    protected override void OnAdmitted(Turn turn)
    {
        if (turn is GrainRequest request)
        {
            Touched = true;
            if (request.QueuedAt != 0)
            {
                _shared.Instruments.Queued(_shared.Node.Time.GetElapsedTime(request.QueuedAt));
            }

            request.Target = GrainInstance;
            request.Pipeline = _class.FiltersItself ? _shared.AllFilters : _shared.Filters;
        }
    }

    protected override void OnEnded(Turn turn)
    {
        if (turn is not GrainRequest request)
        {
            return;
        }

        if (request.Error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            Deactivate(new DeactivationReason(
                DeactivationReasonCode.ApplicationError, conflict, "Stored state has another version."));
        }

        if (_state == State.Gone || !_shared.Node.IsServing)
        {
            request.Spoil(new SiloUnavailableException(
                $"{request.Description} ended on a silo that no longer serves; whether it took effect is unknown."));
        }

        _shared.Instruments.CallServed(request);
    }

    protected override void OnQuiet()
    {
        if (_state == State.Deactivating)
        {
            _state = State.Ending;
            AdmitOwn(LifecycleTurn.Create("deactivation of " + GrainId, DeactivateAsync));
        }
        else if (_undisposed)
        {
            _undisposed = false;
            AdmitOwn(LifecycleTurn.Create("disposal of " + GrainId, DisposeAsync));
        }
    }

    private void AdmitOwnTurn(string description, Func<Task> work)
    {
        lock (Gate)
        {
            AdmitOwn(LifecycleTurn.Create(description, work));
        }
    }

    private async Task ActivateAsync()
    {
        using var limit = new CancellationTokenSource(_shared.Options.ActivationTimeout, _shared.Node.Time);
        try
        {
            if (!await _shared.Gatekeeper.EnterAsync(GrainId, _class, limit.Token) || !Enter(limit))
            {
                Leave();
                return;
            }

            GrainInstance = _class.Entry.Create(this);
            (GrainInstance as Grain)?.Participate(Lifecycle);
            if (GrainInstance is ILifecycleParticipant<IGrainLifecycle> participant)
            {
                participant.Participate(Lifecycle);
            }

            if (GrainInstance is IGrainBase grain)
            {
                Lifecycle.Subscribe(
                    "Grain", GrainLifecycleStage.Activate, grain.OnActivateAsync,
                    ct => grain.OnDeactivateAsync(_reason, ct));
            }

            await Lifecycle.StartAsync(limit.Token);
        }
        catch (Exception exception)
        {
            bool withdrawn;
            lock (Gate)
            {
                _activating = null;
                withdrawn = _withdrawn;
                _state = State.Gone;
            }

            if (!withdrawn)
            {
                LogActivationFailed(_shared.Logger, exception, GrainId);
            }

            await DisposeAsync();
            End(withdrawn ? null : exception);
            return;
        }

        bool gone, serves;
        lock (Gate)
        {
            _activating = null;
            gone = _state != State.Creating;
            serves = !gone && !_withdrawn;
            if (!gone)
            {
                // a withdrawn one deactivates as soon as this turn has ended, and has served nothing
                _state = serves ? State.Valid : State.Deactivating;
                LastUsed = _shared.Node.Time.GetTimestamp();
            }

            if (serves)
            {
                Open(); // before anyone can shut it
            }
        }

        if (gone)
        {
            await DisposeAsync();
            return;
        }

        _shared.Instruments.Activated(_class);
        if (serves && _deactivateOnceActive)
        {
            Deactivate(_reason);
        }
    }

    /// <summary>From here on the grain's own code may run; false when the activation was withdrawn before.</summary>
    private bool Enter(CancellationTokenSource limit)
    {
        lock (Gate)
        {
            _activating = limit;
            return !_withdrawn && _state == State.Creating;
        }
    }

    /// <summary>The grain is another silo's: what waited is sent there.</summary>
    private void Leave()
    {
        lock (Gate)
        {
            _state = State.Gone;
        }

        End();
    }

    private async Task DeactivateAsync()
    {
        using var limit = new CancellationTokenSource(_shared.Options.DeactivationTimeout, _shared.Node.Time);
        DisposeTimers();
        try
        {
            await Lifecycle.StopAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(_shared.Logger, exception, GrainId);
        }

        await DisposeAsync();
        lock (Gate)
        {
            _state = State.Gone;
        }

        _shared.Instruments.Deactivated(_class);
        End();
    }

    private async Task DisposeAsync()
    {
        DisposeTimers();
        try
        {
            switch (GrainInstance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(_shared.Logger, exception, GrainId);
        }
    }

    /// <summary>Leaves the table; what waited fails, or goes to the grain's next activation.</summary>
    private void End(Exception? failure = null)
    {
        DisposeTimers();
        _home.Remove(this);
        foreach (var turn in Close())
        {
            if (turn is GrainRequest request)
            {
                if (failure is null)
                {
                    _shared.Node.Dispatch(request);
                }
                else
                {
                    request.Spoil(failure);
                    request.Finish();
                }
            }
        }

        _deactivated.TrySetResult();
    }

    private void DisposeTimers()
    {
        List<IDisposable>? timers;
        lock (Gate)
        {
            (timers, _timers) = (_timers, null);
        }

        foreach (var timer in timers ?? [])
        {
            timer.Dispose();
        }
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "Activating {Grain} failed")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(
        EventId = 1106, Level = LogLevel.Error,
        Message = "{Grain} failed to say whether a call may interleave; it waits")]
    private static partial void LogMayInterleaveFailed(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(EventId = 1107, Level = LogLevel.Warning, Message = "What {Grain} does when cancelled failed")]
    private static partial void LogCancellingFailed(ILogger logger, Exception exception, GrainId grain);

    [LoggerMessage(
        EventId = 1102, Level = LogLevel.Warning,
        Message = "Deactivating {Grain} failed; the activation ends all the same")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, GrainId grain);
}
