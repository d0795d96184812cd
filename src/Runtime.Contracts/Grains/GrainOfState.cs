using Orleans.Core;

namespace Orleans;

/// <summary>
/// A grain with one stored state, read before it activates; <c>[StorageProvider]</c> names the storage.
/// </summary>
/// <typeparam name="TGrainState">The state; a fresh one when nothing is stored.</typeparam>
public class Grain<TGrainState> : Grain
{
    private IStorage<TGrainState>? _storage;

    /// <summary>For a grain that the runtime creates.</summary>
    protected Grain()
    {
    }

    /// <summary>For a grain created with its storage, as tests do.</summary>
    protected Grain(IStorage<TGrainState> storage) => _storage = storage;

    /// <summary>The state in memory.</summary>
    protected TGrainState State
    {
        get => Storage.State;
        set => Storage.State = value;
    }

    private IStorage<TGrainState> Storage =>
        _storage ?? throw new InvalidOperationException("The state isn't available before activation.");

    /// <summary>Replaces the state in memory by what is stored.</summary>
    protected virtual Task ReadStateAsync() => Storage.ReadStateAsync();

    /// <summary>Stores the state; fails when it was stored by another since it was read.</summary>
    protected virtual Task WriteStateAsync() => Storage.WriteStateAsync();

    /// <summary>Removes what is stored.</summary>
    protected virtual Task ClearStateAsync() => Storage.ClearStateAsync();

    internal override void Participate(IGrainLifecycle lifecycle) =>
        lifecycle.Subscribe(GetType().FullName!, GrainLifecycleStage.SetupState, OnSetupState);

    private Task OnSetupState(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _storage ??= Runtime.GetStorage<TGrainState>(GrainContext);
        return ReadStateAsync();
    }
}
