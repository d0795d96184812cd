using System.Runtime.InteropServices;
using Orleans.Configuration;
using Orleans.Storage;

namespace Vault.Runtime.State;

/// <summary>A storage in the memory of grains: it lives as long as the silos that hold them.</summary>
internal sealed class MemoryGrainStorage(
    string name, MemoryGrainStorageOptions options, IGrainFactory grains) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, key) = Place(stateName, grainId);
        var record = await grain.ReadAsync(key);
        grainState.RecordExists = record is not null;
        grainState.ETag = record?.ETag;
        grainState.State = record is null
            ? StateFactory.Create<T>()
            : options.GrainStorageSerializer.Deserialize<T>(new BinaryData(record.State.AsMemory()));
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, key) = Place(stateName, grainId);
        var bytes = options.GrainStorageSerializer.Serialize(grainState.State).ToArray();
        var result = await grain.WriteAsync(key, ImmutableCollectionsMarshal.AsImmutableArray(bytes), grainState.ETag);
        Check(result, stateName, grainId, grainState.ETag);
        grainState.ETag = result.ETag;
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, key) = Place(stateName, grainId);
        Check(await grain.ClearAsync(key, grainState.ETag), stateName, grainId, grainState.ETag);
        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = StateFactory.Create<T>();
    }

    private static void Check(MemoryWriteResult result, string stateName, GrainId grainId, string? etag)
    {
        if (!result.Done)
        {
            throw new InconsistentStateException(
                $"State '{stateName}' of {grainId} was stored by another.", result.ETag, etag);
        }
    }

    private (IMemoryStorageGrain Grain, string Key) Place(string stateName, GrainId grainId)
    {
        var key = $"{name}/{stateName}/{grainId}";
        var share = IdSpan.Create(key).GetUniformHashCode() % (uint)options.NumStorageGrains;
        return (grains.GetGrain<IMemoryStorageGrain>(share), key);
    }
}
