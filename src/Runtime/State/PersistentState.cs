using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Storage;
using Vault.Runtime.Metadata;

namespace Vault.Runtime.State;

/// <summary>One stored state of one activation.</summary>
internal sealed class PersistentState<TState>(string stateName, GrainId grainId, IGrainStorage storage)
    : IPersistentState<TState>, IStorage<TState>
{
    private readonly GrainState<TState> _record = new(StateFactory.Create<TState>());

    public TState State
    {
        get => _record.State!;
        set => _record.State = value;
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _record.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        await storage.ReadStateAsync(stateName, grainId, _record, cancellationToken);
        if (!_record.RecordExists || _record.State is null)
        {
            _record.State = StateFactory.Create<TState>();
        }
    }

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        storage.WriteStateAsync(stateName, grainId, _record, cancellationToken);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await storage.ClearStateAsync(stateName, grainId, _record, cancellationToken);
        _record.State = StateFactory.Create<TState>();
        _record.RecordExists = false;
    }
}

/// <summary>Makes fresh states.</summary>
internal static class StateFactory
{
    public static TState? Create<TState>() =>
        typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is null
            ? default
            : Activator.CreateInstance<TState>();
}

/// <summary>Makes stored states for activations; they are read before the grain activates.</summary>
internal sealed class PersistentStateSource(IServiceProvider services) : IPersistentStateSource
{
    public IPersistentState<T> Create<T>(IGrainContext context, string stateName, string? storageName)
    {
        var state = Open<T>(context.GrainId, stateName, storageName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
        context.ObservableLifecycle.Subscribe(
            $"State {stateName}", GrainLifecycleStage.SetupState, ct => state.ReadStateAsync(ct));
        return state;
    }

    public PersistentState<T> Open<T>(GrainId id, string stateName, string storageName) =>
        services.GetKeyedService<IGrainStorage>(storageName) is { } storage
            ? new PersistentState<T>(stateName, id, storage)
            : throw new BadProviderConfigException(
                $"No storage is named '{storageName}', which grain {id} uses: add it to the silo, for example with "
                + "AddMemoryGrainStorage.");
}
